import type { HoursRule, ScheduleUpdate } from "../api/types";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** Part of a day on the clinic's clock, "09:00" to "13:00". */
export interface Range {
  from: string;
  to: string;
}

export interface TimeOff {
  first: string;
  last: string;
  /** Hours that hold instead of the week's; none is time off. */
  windows: Range[];
}

/** A schedule as people edit it: by the day of the week. */
export interface HoursDraft {
  week: Record<Weekday, Range[]>;
  /** Rules between two dates; they are kept as they are, or taken away. */
  dated: HoursRule[];
  exceptions: TimeOff[];
  stepMin: number;
  bufferMin: number;
  minNoticeMin: number;
  /** NaN while the field is empty. */
  horizonDays: number;
  /** 0 for no bound. */
  maxPerDay: number;
}

export const limits = { horizonDays: 366, maxPerDay: 200, windows: 10, exceptions: 200 } as const;

const byStart = (a: Range, b: Range) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to);
const bare = ({ from, to }: Range): Range => ({ from, to });

export function draftOf(schedule: ScheduleUpdate): HoursDraft {
  const { weekly, exceptions, stepMin, bufferMin, minNoticeMin, horizonDays, maxPerDay } = schedule;
  const standing = weekly.filter((rule) => !rule.since && !rule.until);
  const ranges = (day: Weekday) =>
    standing
      .filter((rule) => rule.days.includes(day))
      .map(bare)
      .sort(byStart);
  return {
    week: Object.fromEntries(weekdays.map((day) => [day, ranges(day)])) as HoursDraft["week"],
    dated: weekly.filter((rule) => rule.since || rule.until),
    exceptions: exceptions.map(({ first, last, windows }) => ({
      first,
      last,
      windows: windows.map(bare).sort(byStart),
    })),
    stepMin,
    bufferMin,
    minNoticeMin,
    horizonDays,
    maxPerDay,
  };
}

/** What to send: equal hours of several days become one rule. */
export function updateOf(draft: HoursDraft): ScheduleUpdate {
  const rules = new Map<string, HoursRule>();
  for (const day of weekdays) {
    for (const range of draft.week[day]) {
      const key = `${range.from}-${range.to}`;
      const rule = rules.get(key) ?? { days: [], ...bare(range) };
      // A range that stands twice on a day is said once.
      if (!rule.days.includes(day)) rule.days.push(day);
      rules.set(key, rule);
    }
  }
  return {
    weekly: [...[...rules.values()].sort(byStart), ...draft.dated],
    exceptions: draft.exceptions.map(({ first, last, windows }) => ({
      first,
      last,
      windows: [...windows].sort(byStart),
    })),
    stepMin: draft.stepMin as ScheduleUpdate["stepMin"],
    bufferMin: draft.bufferMin,
    minNoticeMin: draft.minNoticeMin,
    horizonDays: draft.horizonDays,
    maxPerDay: draft.maxPerDay,
  };
}

export function sameHours(a: HoursDraft, b: HoursDraft): boolean {
  return JSON.stringify(updateOf(a)) === JSON.stringify(updateOf(b));
}

/** Words under `hours.fault.` */
export type Fault = "order" | "overlap" | "dates" | "horizon" | "perDay" | "refused" | "many";

/**
 * What is wrong, by field: "week/mon/0" is the first range of Mondays, "exceptions/1" the
 * second exception, "exceptions/1/0" its first range.
 */
export type Faults = ReadonlyMap<string, Fault>;

export function faultsOf(draft: HoursDraft): Faults {
  const faults = new Map<string, Fault>();
  const look = (at: string, ranges: readonly Range[]) => {
    ranges.forEach((range, i) => {
      if (range.from >= range.to) faults.set(`${at}/${i}`, "order");
      else if (ranges.some((other, j) => j < i && range.from < other.to && other.from < range.to)) {
        faults.set(`${at}/${i}`, "overlap");
      }
    });
  };
  for (const day of weekdays) look(`week/${day}`, draft.week[day]);
  draft.exceptions.forEach((one, i) => {
    if (!one.first || !one.last || one.last < one.first) faults.set(`exceptions/${i}`, "dates");
    look(`exceptions/${i}`, one.windows);
  });
  const whole = (value: number, from: number, to: number) =>
    Number.isInteger(value) && value >= from && value <= to;
  if (!whole(draft.horizonDays, 1, limits.horizonDays)) faults.set("horizonDays", "horizon");
  if (!whole(draft.maxPerDay, 0, limits.maxPerDay)) faults.set("maxPerDay", "perDay");
  return faults;
}

/** Where the server's complaints about what was sent belong on the page. */
export function refusedFields(draft: HoursDraft, pointers: Iterable<string>): Faults {
  const faults = new Map<string, Fault>();
  const sent = updateOf(draft).weekly;
  for (const pointer of pointers) {
    const [, field = "", index = ""] = pointer.split("/");
    if (field !== "weekly") {
      faults.set(index && field === "exceptions" ? `${field}/${index}` : field, "refused");
      continue;
    }
    const rule = index === "" ? undefined : sent[Number(index)];
    if (!rule) faults.set("week", "many");
    for (const day of rule?.days ?? []) {
      const at = draft.week[day].findIndex(({ from, to }) => from === rule?.from && to === rule.to);
      if (at >= 0) faults.set(`week/${day}/${at}`, "refused");
    }
  }
  return faults;
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

export function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Times to choose from, and the one that is chosen already if it is none of them. */
export function clockChoices(chosen: string, from = "00:00", to = "24:00"): string[] {
  const quarters = Array.from({ length: 97 }, (_, i) => clock(i * 15));
  return [...new Set([...quarters, chosen])].filter((time) => time >= from && time <= to).sort();
}

/** What a day begins with when it is opened: the hours of the working day nearest before it. */
export function firstRanges(week: HoursDraft["week"], day: Weekday): Range[] {
  const place = weekdays.indexOf(day);
  const near = [...weekdays.slice(0, place).reverse(), ...weekdays.slice(place + 1)];
  const model = near.map((other) => week[other]).find((ranges) => ranges.length > 0);
  return model?.map(bare) ?? [{ from: "09:00", to: "18:00" }];
}

/** One more range of a day, after its last one. */
export function nextRange(ranges: readonly Range[]): Range | null {
  const end = Math.max(...ranges.map(({ to }) => minutesOf(to)), 8 * 60);
  const from = end + 60;
  if (from >= 24 * 60) return null;
  return { from: clock(from), to: clock(Math.min(from + 240, 24 * 60)) };
}

/** When a doctor works on a day, in minutes of the clinic's clock, in order and apart. */
export function windowsOn(schedule: ScheduleUpdate, day: string): [number, number][] {
  const covering = schedule.exceptions.findLast(({ first, last }) => first <= day && day <= last);
  const weekday = weekdays[(new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7] ?? "mon";
  const found: readonly Range[] =
    covering?.windows ??
    schedule.weekly.filter(
      ({ days, since, until }) =>
        days.includes(weekday) && (!since || since <= day) && (!until || day <= until),
    );
  const out: [number, number][] = [];
  for (const { from, to } of [...found].sort(byStart)) {
    const last = out[out.length - 1];
    if (last && minutesOf(from) <= last[1]) last[1] = Math.max(last[1], minutesOf(to));
    else out.push([minutesOf(from), minutesOf(to)]);
  }
  return out;
}

/** The rest of a day: when nobody is received. */
export function closedOn(schedule: ScheduleUpdate, day: string): [number, number][] {
  const edges = [0, ...windowsOn(schedule, day).flat(), 24 * 60];
  const out: [number, number][] = [];
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const [from = 0, to = 0] = edges.slice(i, i + 2);
    if (from < to) out.push([from, to]);
  }
  return out;
}
