import book from "../i18n/ru/book";
import call from "../i18n/ru/call";
import common from "../i18n/ru/common";
import emergency from "../i18n/ru/emergency";
import feeds from "../i18n/ru/feeds";
import intake from "../i18n/ru/intake";
import mine from "../i18n/ru/mine";
import signin from "../i18n/ru/signin";

export default {
  ...common,
  ...call,
  ...book,
  ...feeds,
  ...intake,
  ...mine,
  ...signin,
  ...emergency,
};
