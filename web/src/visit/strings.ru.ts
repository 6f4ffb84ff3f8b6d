import call from "../i18n/ru/call";
import common from "../i18n/ru/common";

export default { ...common, ...call };
