import call from "../i18n/en/call";
import common from "../i18n/en/common";

export default { ...common, ...call };
