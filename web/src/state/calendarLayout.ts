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

/** Where the minutes of a day are drawn. */
export interface Scale {
  /** Whole hours from the first to the last line. */
  hours: readonly number[];
  height: number;
  y(minutes: number): number;
  /** The minute at a height. */
  minuteAt(y: number): number;
  /** The same, downwards to a quarter of an hour. */
  quarterAt(y: number): number;
}

export const hourPx = 120;
/** An hour outside the working day in which nothing happens is drawn this low. */
const quietPx = 26;
const workingDay = [8, 19] as const;

/**
 * The working day in full, widened to whatever lies outside it; a night between a late or
 * early visit and the morning takes next to no room.
 */
export function scaleOf(
  appointments: readonly Appointment[],
  zone: string,
  nowMinute: number | null = null,
  /** Hours of reception, in minutes of the day. */
  open: readonly (readonly [number, number])[] = [],
): Scale {
  const busy = new Set<number>();
  for (const [from, to] of open) {
    for (let hour = Math.floor(from / 60); hour * 60 < to; hour++) busy.add(hour);
  }
  if (nowMinute !== null) busy.add(Math.floor(nowMinute / 60));
  for (const { start, end } of appointments) {
    const begin = minuteOfDay(start, zone);
    const until = begin + Math.max((Date.parse(end) - Date.parse(start)) / 60_000, shortest);
    for (let hour = Math.floor(begin / 60); hour * 60 < until && hour < 24; hour++) busy.add(hour);
  }
  const first = Math.min(workingDay[0], ...busy);
  const last = Math.max(workingDay[1], ...[...busy].map((hour) => hour + 1));
  const hours = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const sizeOf = (hour: number) =>
    busy.has(hour) || (hour >= workingDay[0] && hour < workingDay[1]) ? hourPx : quietPx;
  const tops = hours.map((_, i) => hours.slice(0, i).reduce((sum, hour) => sum + sizeOf(hour), 0));
  const y = (minutes: number) => {
    const hour = Math.min(Math.max(Math.floor(minutes / 60), first), last);
    return (tops[hour - first] ?? 0) + ((minutes - hour * 60) / 60) * sizeOf(hour);
  };
  const minuteAt = (at: number) => {
    const i = Math.max(
      tops.findLastIndex((top) => top <= at),
      0,
    );
    const hour = hours[i] ?? first;
    return hour * 60 + ((at - (tops[i] ?? 0)) / sizeOf(hour)) * 60;
  };
  return {
    hours,
    height: tops[last - first] ?? 0,
    y,
    minuteAt,
    quarterAt: (at) => Math.floor(minuteAt(at) / 15) * 15,
  };
}
