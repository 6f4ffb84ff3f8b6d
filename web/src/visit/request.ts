import type { Appointment, AppointmentStatus, Slot } from "../api/types";
import { dayKey } from "../i18n/format";

export interface DayOfSlots {
  /** The clinic's day, "2026-11-23". */
  day: string;
  slots: readonly Slot[];
}

/**
 * Free times by the clinic's day. Where several doctors are free at one time, the first of
 * them takes it: who chose no doctor is not asked to choose one by the time.
 */
export function slotDays(slots: readonly Slot[], zone: string): DayOfSlots[] {
  const days = new Map<string, Slot[]>();
  for (const slot of slots) {
    const day = dayKey(slot.start, zone);
    const known = days.get(day) ?? [];
    if (known.some((other) => other.start === slot.start)) continue;
    days.set(day, [...known, slot]);
  }
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([day, found]) => ({
      day,
      slots: found.sort((a, b) => Date.parse(a.start) - Date.parse(b.start)),
    }));
}

const ahead: ReadonlySet<AppointmentStatus> = new Set([
  "requested",
  "held",
  "queued",
  "awaiting_payment",
  "booked",
]);
/** Ends of a request or a booking that the patient should hear of. */
const turnedDown: ReadonlySet<AppointmentStatus> = new Set([
  "declined",
  "cancelled_clinic",
  "expired",
]);

/** What else is ahead, and what was turned down, until its time has come; by start. */
export function others(
  appointments: readonly Appointment[],
  next: Appointment | undefined,
  at: number,
): Appointment[] {
  return appointments
    .filter((one) => one.id !== next?.id && Date.parse(one.end) > at)
    .filter((one) => ahead.has(one.status) || turnedDown.has(one.status))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
}
