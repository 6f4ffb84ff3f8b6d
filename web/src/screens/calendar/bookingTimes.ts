import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Appointment } from "../../api/types";
import { addDays, dayKey, instantOf, minuteOfDay } from "../../i18n/format";
import { useFormats } from "../../i18n/useFormats";
import { useVisits } from "../../state/calendar";
import { takesTime } from "../../state/calendarLayout";
import { slotsQuery } from "../../state/directory";

export interface Prefill {
  day: string;
  /** Minutes since midnight by the clinic's clock. */
  minutes?: number;
  /** Whose column was pressed. */
  doctor?: string;
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

/** What the doctor's hours offer on a day for a service. */
export function useSlots(serviceId: string, practitionerId: string, date: string) {
  const { zone } = useFormats();
  const day = date || dayKey(new Date(), zone);
  const from = useMemo(() => instantOf(day, 0, zone).toISOString(), [day, zone]);
  const to = useMemo(() => instantOf(addDays(day, 1), 0, zone).toISOString(), [day, zone]);
  return useQuery(slotsQuery({ serviceId, practitionerId, from, to })).data ?? none;
}

const none: readonly never[] = [];

/** Whether a visit that begins at a minute of the day would meet another one. */
export type Busy = (minutes: number) => boolean;

/** When the doctor can't be booked on a day for a visit of some length. */
export function useBusy(
  practitionerId: string,
  date: string,
  durationMin: number,
  /** A visit that gives way to itself. */
  except = "",
): Busy {
  const { zone } = useFormats();
  const day = date || dayKey(new Date(), zone);
  const from = useMemo(() => instantOf(day, 0, zone), [day, zone]);
  const to = useMemo(() => instantOf(addDays(day, 1), 0, zone), [day, zone]);
  const { data } = useVisits(from, to, practitionerId ? [practitionerId] : none);
  return useMemo(() => {
    const others = (data?.items ?? []).filter(({ id }) => id !== except);
    return busyAt(others, practitionerId, day, Math.max(durationMin, 1), zone);
  }, [data, except, practitionerId, day, durationMin, zone]);
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

export interface Times {
  /** Within the doctor's hours and free. */
  offered: string[];
  /** Outside the hours; staff may book these too. Taken ones can't be chosen. */
  others: { time: string; taken: boolean }[];
}

/** The day's times that have not passed: what the hours offer, and every other quarter. */
export function times(
  date: string,
  slots: readonly { start: string }[],
  busy: Busy,
  zone: string,
  now = new Date(),
): Times {
  const past = date === dayKey(now, zone) ? minuteOfDay(now, zone) : -1;
  const free = slots
    .filter((slot) => dayKey(slot.start, zone) === date)
    .map((slot) => minuteOfDay(slot.start, zone))
    .filter((minutes) => minutes > past);
  const offered = [...new Set(free)].sort((a, b) => a - b);
  const quarters = Array.from({ length: (24 * 60) / stepMin }, (_, i) => i * stepMin);
  return {
    offered: offered.map(clock),
    others: quarters
      .filter((minutes) => minutes > past && !offered.includes(minutes))
      .map((minutes) => ({ time: clock(minutes), taken: busy(minutes) })),
  };
}

/**
 * The time to begin with: as near after the wanted one as the hours offer, or just free.
 * A time that was pressed in the calendar is kept when it is free at all.
 */
export function bestTime(
  { offered, others }: Times,
  wanted: string,
  pressed = false,
): string | undefined {
  if (pressed && others.some(({ time, taken }) => time === wanted && !taken)) return wanted;
  return (
    offered.find((time) => time >= wanted) ??
    others.find(({ time, taken }) => time >= wanted && !taken)?.time
  );
}
