import call from "../i18n/ru/call";
import common from "../i18n/ru/common";
import emergency from "../i18n/ru/emergency";
import feeds from "../i18n/ru/feeds";
import mine from "../i18n/ru/mine";
import request from "../i18n/ru/request";
import signin from "../i18n/ru/signin";

export default { ...common, ...call, ...request, ...feeds, ...mine, ...signin, ...emergency };
