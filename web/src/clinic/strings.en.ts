import calendar from "../i18n/en/calendar";
import call from "../i18n/en/call";
import clinic from "../i18n/en/clinic";
import common from "../i18n/en/common";
import emergency from "../i18n/en/emergency";
import feeds from "../i18n/en/feeds";
import hours from "../i18n/en/hours";
import intake from "../i18n/en/intake";
import mine from "../i18n/en/mine";
import patients from "../i18n/en/patients";
import people from "../i18n/en/people";
import signin from "../i18n/en/signin";
import trail from "../i18n/en/trail";
import visits from "../i18n/en/visits";

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
