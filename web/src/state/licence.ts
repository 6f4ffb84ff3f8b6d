import { dayKey } from "../i18n/format";

export type LicenceMark =
  | { kind: "good" }
  | { kind: "expired" }
  /** Whole days until it ends; 0 on the last one. */
  | { kind: "soon"; days: number };

/** So long before its end a licence should be renewed, in days. */
const soonDays = 60;

/** Whether a doctor's licence needs somebody's attention, by the clinic's days. */
export function licenceMark(expires: string, zone: string, now: Date): LicenceMark {
  if (Date.parse(expires) <= now.getTime()) return { kind: "expired" };
  const day = (at: Date | string) => Date.parse(`${dayKey(at, zone)}T00:00:00Z`);
  const days = Math.round((day(expires) - day(now)) / (24 * 60 * 60 * 1000));
  return days <= soonDays ? { kind: "soon", days } : { kind: "good" };
}
