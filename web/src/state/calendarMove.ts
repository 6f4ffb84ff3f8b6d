import type { Appointment } from "../api/types";
import { addDays, instantOf, minuteOfDay } from "../i18n/format";
import type { Scale } from "./calendarLayout";

/** A column of the grid: one day of everybody, or of one doctor. */
export interface Column {
  key: string;
  day: string;
  /** Whose; empty for everybody. */
  doctor: string;
}

/** Where a visit would be put down. */
export interface Target {
  column: number;
  minutes: number;
}

const quarter = 15;

/**
 * Where a visit that was taken at a point of itself would begin when it is let go. It
 * snaps to quarters of an hour and stays within the day.
 */
export function targetOf(
  scale: Scale,
  lefts: readonly { left: number; right: number }[],
  x: number,
  y: number,
  grabbed: number,
  lengthMin: number,
): Target {
  const found = lefts.findIndex(({ left, right }) => x >= left && x < right);
  const edge = x < (lefts[0]?.left ?? 0) ? 0 : lefts.length - 1;
  const first = (scale.hours[0] ?? 0) * 60;
  const last = (scale.hours.at(-1) ?? 24) * 60 - Math.min(lengthMin, quarter);
  const minutes = scale.minuteAt(y - grabbed);
  const snapped = Math.round(minutes / quarter) * quarter;
  const latest = Math.floor(last / quarter) * quarter;
  return {
    column: found >= 0 ? found : edge,
    minutes: Math.min(Math.max(snapped, first), latest),
  };
}

/** Why a visit can't be put down there; null when it can be tried. */
export type Obstacle = "past" | "same" | "other" | null;

export function obstacle(
  appointment: Appointment,
  column: Column,
  minutes: number,
  zone: string,
  now: Date,
  /** Whether a doctor gives the visit's service. */
  gives: (doctor: string) => boolean = () => true,
): Obstacle {
  const other = column.doctor !== "" && column.doctor !== appointment.practitioner.id;
  if (other && !gives(column.doctor)) return "other";
  const start = instantOf(column.day, minutes, zone);
  if (!other && start.getTime() === Date.parse(appointment.start)) return "same";
  return start.getTime() <= now.getTime() ? "past" : null;
}

/** The visit as it will be when the move succeeds. */
export function moved(appointment: Appointment, start: Date): Appointment {
  const length = Date.parse(appointment.end) - Date.parse(appointment.start);
  return {
    ...appointment,
    start: start.toISOString(),
    end: new Date(start.getTime() + length).toISOString(),
  };
}

/**
 * Puts a visit into a list of those between two instants as it will be, takes it out when
 * it leaves them, and keeps the order by start.
 */
export function withMoved(
  list: readonly Appointment[],
  next: Appointment,
  from: string,
  to: string,
): Appointment[] {
  const rest = list.filter((item) => item.id !== next.id);
  const inside = next.end > from && next.start < to;
  return inside ? [...rest, next].sort((a, b) => a.start.localeCompare(b.start)) : [...rest];
}

/** Whether a visit lies wholly within windows of its day, in minutes of the clinic's clock. */
export function inHours(
  appointment: Appointment,
  windows: readonly (readonly [number, number])[],
  zone: string,
): boolean {
  const start = minuteOfDay(appointment.start, zone);
  const end = minuteOfDay(appointment.end, zone) || 24 * 60;
  return windows.some(([from, to]) => from <= start && end <= to);
}

/** The days of a month's page: whole weeks from a Monday. */
export function monthDays(day: string): string[] {
  const first = `${day.slice(0, 7)}-01`;
  const weekday = (new Date(`${first}T12:00:00Z`).getUTCDay() + 6) % 7;
  const start = addDays(first, -weekday);
  const month = first.slice(0, 7);
  const out: string[] = [];
  for (let at = start; at.slice(0, 7) <= month || out.length % 7 !== 0; at = addDays(at, 1)) {
    out.push(at);
  }
  return out;
}

/** The same day of another month, or its last one. */
export function addMonths(day: string, count: number): string {
  const [y = 1970, m = 1, d = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(y, m + count, 0)).getUTCDate();
  return new Date(Date.UTC(y, m - 1 + count, Math.min(d, last))).toISOString().slice(0, 10);
}
