import { useMemo } from "react";
import type { Appointment } from "../../api/types";
import { addDays, dayKey, instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useAppointments } from "../../state/appointments";
import { takesTime } from "../../state/calendarLayout";

export interface Prefill {
  day: string;
  /** Minutes since midnight by the clinic's clock. */
  minutes?: number;
}

const stepMin = 15;

export const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export function toMinutes(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** The first time worth offering: what was pressed, the next quarter of an hour, or the morning. */
export function firstTime(
  prefill: Prefill,
  zone: string,
  now = new Date(),
): { date: string; time: string } {
  const today = dayKey(now, zone);
  const minutes = minuteOfDay(now, zone);
  const ahead = prefill.day > today || (prefill.day === today && (prefill.minutes ?? 0) > minutes);
  if (prefill.minutes !== undefined && ahead) {
    return { date: prefill.day, time: clock(prefill.minutes) };
  }
  if (prefill.day > today) return { date: prefill.day, time: "09:00" };
  const next = (Math.floor(minutes / stepMin) + 1) * stepMin;
  return next < 24 * 60
    ? { date: today, time: clock(next) }
    : { date: addDays(today, 1), time: "09:00" };
}

/** Whether a visit that begins at a minute of the day would meet another one. */
export type Busy = (minutes: number) => boolean;

/** When the doctor can't be booked on a day for a visit of some length. */
export function useBusy(practitionerId: string, date: string, durationMin: number): Busy {
  const { zone } = useFormats();
  const day = date || dayKey(new Date(), zone);
  const from = useMemo(() => instantOf(day, 0, zone), [day, zone]);
  const to = useMemo(() => instantOf(addDays(day, 1), 0, zone), [day, zone]);
  const { data } = useAppointments(from, to);
  return useMemo(
    () => busyAt(data ?? [], practitionerId, day, Math.max(durationMin, 1), zone),
    [data, practitionerId, day, durationMin, zone],
  );
}

export function busyAt(
  appointments: readonly Appointment[],
  practitionerId: string,
  day: string,
  durationMin: number,
  zone: string,
): Busy {
  const taken = appointments
    .filter((item) => takesTime(item) && item.practitioner.id === practitionerId)
    .map((item) => [Date.parse(item.start), Date.parse(item.end)] as const);
  return (minutes) => {
    const start = instantOf(day, minutes, zone).getTime();
    const end = start + durationMin * 60_000;
    return taken.some(([from, to]) => start < to && from < end);
  };
}

/** The day's quarters of an hour that have not passed. */
export function times(
  date: string,
  busy: Busy,
  zone: string,
  now = new Date(),
): { time: string; taken: boolean }[] {
  const past = date === dayKey(now, zone) ? minuteOfDay(now, zone) : -1;
  const all = Array.from({ length: (24 * 60) / stepMin }, (_, i) => i * stepMin);
  return all
    .filter((minutes) => minutes > past)
    .map((minutes) => ({ time: clock(minutes), taken: busy(minutes) }));
}
