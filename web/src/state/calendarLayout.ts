import type { Appointment } from "../api/types";
import { dayKey, minuteOfDay } from "../i18n/format";

/** One appointment's place within a day column, in minutes and shares of the width. */
export interface Placed {
  appointment: Appointment;
  top: number;
  height: number;
  /** Column of this one among those it overlaps with, and how many there are. */
  lane: number;
  lanes: number;
}

/** States that no longer take anybody's time: drawn behind what does. */
const freed = new Set([
  "rescheduled",
  "cancelled",
  "cancelled_clinic",
  "withdrawn",
  "declined",
  "expired",
  "entered_in_error",
]);

export function takesTime(appointment: Appointment): boolean {
  return !freed.has(appointment.status);
}

/** Short visits are drawn at least this tall, so that their words fit. */
const shortest = 20;

/** Places a day's appointments side by side where they overlap. */
export function placeDay(appointments: readonly Appointment[], zone: string): Placed[] {
  const items = appointments
    .map((appointment) => {
      const top = minuteOfDay(appointment.start, zone);
      const length = (Date.parse(appointment.end) - Date.parse(appointment.start)) / 60_000;
      return { appointment, top, height: Math.max(length, shortest), lane: 0, lanes: 1 };
    })
    .sort((a, b) => a.top - b.top || b.height - a.height);

  let group: Placed[] = [];
  let groupEnd = 0;
  const close = () => {
    const lanes = Math.max(1, ...group.map((item) => item.lane + 1));
    for (const item of group) item.lanes = lanes;
    group = [];
  };
  for (const item of items) {
    if (item.top >= groupEnd) close();
    const busy = new Set(
      group.filter((other) => other.top + other.height > item.top).map((other) => other.lane),
    );
    while (busy.has(item.lane)) item.lane++;
    group.push(item);
    groupEnd = Math.max(group.length === 1 ? 0 : groupEnd, item.top + item.height);
  }
  close();
  return items;
}

/** Appointments by the clinic's day. */
export function byDay(
  appointments: readonly Appointment[],
  zone: string,
): Map<string, Appointment[]> {
  const days = new Map<string, Appointment[]>();
  for (const appointment of appointments) {
    const key = dayKey(appointment.start, zone);
    const day = days.get(key);
    if (day) day.push(appointment);
    else days.set(key, [appointment]);
  }
  return days;
}

/** Whole hours to draw: the usual working day, widened to whatever lies outside it. */
export function hoursOf(
  appointments: readonly Appointment[],
  zone: string,
  usual: readonly [number, number] = [8, 19],
): { first: number; last: number } {
  let [first, last] = usual;
  for (const { start, end } of appointments) {
    const begin = minuteOfDay(start, zone);
    const until = begin + (Date.parse(end) - Date.parse(start)) / 60_000;
    first = Math.min(first, Math.floor(begin / 60));
    last = Math.max(last, Math.min(24, Math.ceil(until / 60)));
  }
  return { first, last };
}
