import book from "../i18n/en/book";
import call from "../i18n/en/call";
import common from "../i18n/en/common";
import emergency from "../i18n/en/emergency";
import feeds from "../i18n/en/feeds";
import intake from "../i18n/en/intake";
import mine from "../i18n/en/mine";
import signin from "../i18n/en/signin";

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
