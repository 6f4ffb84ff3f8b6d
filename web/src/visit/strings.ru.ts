import call from "../i18n/ru/call";
import common from "../i18n/ru/common";
import emergency from "../i18n/ru/emergency";
import feeds from "../i18n/ru/feeds";
import request from "../i18n/ru/request";

export default { ...common, ...call, ...request, ...feeds, ...emergency };
