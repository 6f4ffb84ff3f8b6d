import type { Appointment, AppointmentStatus, Money, Slot } from "../api/types";
import { addDays, dayKey } from "../i18n/format";

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

/** The same with the days between that have no free time, so many from the first on. */
export function everyDay(found: readonly DayOfSlots[], first: string, count: number): DayOfSlots[] {
  const last = found.at(-1)?.day ?? first;
  const days: DayOfSlots[] = [];
  for (let day = first; days.length < count || day <= last; day = addDays(day, 1)) {
    days.push(found.find((one) => one.day === day) ?? { day, slots: [] });
  }
  return days;
}

const ahead: ReadonlySet<AppointmentStatus> = new Set(["requested", "queued", "booked"]);
/** Ends of a request or a booking that the patient should hear of. */
const turnedDown: ReadonlySet<AppointmentStatus> = new Set(["declined", "cancelled_clinic"]);
/** Times that are the patient's for the moment only. */
const kept: ReadonlySet<AppointmentStatus> = new Set(["held", "awaiting_payment"]);
/** Visits that did not take place although it was their time. */
const missed: ReadonlySet<AppointmentStatus> = new Set(["no_show", "provider_no_show", "failed"]);

export const isKept = ({ status }: Appointment) => kept.has(status);

const byStart = (a: Appointment, b: Appointment) => Date.parse(a.start) - Date.parse(b.start);

/** What else is ahead, and what was turned down, until its time has come; by start. */
export function others(
  appointments: readonly Appointment[],
  next: Appointment | undefined,
  at: number,
): Appointment[] {
  return appointments
    .filter((one) => one.id !== next?.id && Date.parse(one.end) > at)
    .filter((one) => ahead.has(one.status) || turnedDown.has(one.status))
    .sort(byStart);
}

/** Times that are kept for the patient now; a hold is over when its time is, not when told. */
export function keptNow(appointments: readonly Appointment[], at: number): Appointment[] {
  return appointments
    .filter((one) => isKept(one) && Date.parse(one.holdExpires ?? "") > at)
    .sort(byStart);
}

const missedMs = 7 * 24 * 60 * 60 * 1000;

/** What did not take place in the last week, the latest first. */
export function missedOf(appointments: readonly Appointment[], at: number): Appointment[] {
  return appointments
    .filter((one) => missed.has(one.status) && Date.parse(one.start) + missedMs > at)
    .sort((a, b) => byStart(b, a));
}

/** One line of what a cancellation costs: so much until then; without an end, ever after. */
export interface TermLine {
  fee: Money;
  until: Date | undefined;
}

/** A service's terms as amounts and moments, the earliest first, from a moment on. */
export function termLines(
  steps: readonly { beforeMin: number; refundPercent: number }[],
  start: string,
  price: Money,
  at: number,
): TermLine[] {
  const fee = (percent: number): Money => ({
    // As the server counts: what is given back is rounded down.
    minor: price.minor - Math.floor((price.minor * percent) / 100),
    currency: price.currency,
  });
  const lines: TermLine[] = [];
  for (const { beforeMin, refundPercent } of steps) {
    const until = new Date(Date.parse(start) - beforeMin * 60_000);
    if (until.getTime() <= at) continue;
    const line = { fee: fee(refundPercent), until };
    const last = lines.at(-1);
    if (last?.fee.minor === line.fee.minor) last.until = until;
    else lines.push(line);
  }
  // Below the last step nothing is given back.
  const last = lines.at(-1);
  if (last && last.fee.minor === price.minor) last.until = undefined;
  else if (last?.until && last.until.getTime() === Date.parse(start)) last.until = undefined;
  else lines.push({ fee: fee(0), until: undefined });
  return lines;
}

/** "9:41", and never less than nothing. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return `${minutes}:${pad(seconds % 60)}`;
}

const pad = (value: number) => String(value).padStart(2, "0");
