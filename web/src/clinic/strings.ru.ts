import call from "../i18n/ru/call";
import clinic from "../i18n/ru/clinic";
import common from "../i18n/ru/common";

export default { ...common, ...clinic, ...call };
