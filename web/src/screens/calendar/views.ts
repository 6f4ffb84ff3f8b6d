import { addDays } from "../../i18n/format";
import { addMonths } from "../../state/calendarMove";

export const views = ["day", "week", "month", "agenda", "board"] as const;

export type View = (typeof views)[number];

export const isView = (name: string | null): name is View => views.some((view) => view === name);

/** The day that the next or the previous page of a view is about. */
export function stepped(view: View, day: string, direction: 1 | -1): string {
  if (view === "month") return addMonths(day, direction);
  return addDays(day, direction * (view === "week" || view === "agenda" ? 7 : 1));
}
