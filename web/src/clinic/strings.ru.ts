import calendar from "../i18n/ru/calendar";
import call from "../i18n/ru/call";
import clinic from "../i18n/ru/clinic";
import common from "../i18n/ru/common";
import emergency from "../i18n/ru/emergency";
import feeds from "../i18n/ru/feeds";
import hours from "../i18n/ru/hours";
import intake from "../i18n/ru/intake";
import mine from "../i18n/ru/mine";
import patients from "../i18n/ru/patients";
import people from "../i18n/ru/people";
import signin from "../i18n/ru/signin";
import trail from "../i18n/ru/trail";
import visits from "../i18n/ru/visits";

export default {
  ...common,
  ...clinic,
  ...call,
  ...hours,
  ...calendar,
  ...feeds,
  ...people,
  ...signin,
  ...trail,
  ...emergency,
  ...intake,
  ...mine,
  ...patients,
  ...visits,
};
