// Every time and amount on screen goes through here, so that all screens agree.
// Times are shown in the clinic's zone; the viewer's own time is added where the
// two differ at that instant.

const minute = 60_000;

/** Makes a format once for each zone: making one takes far longer than using it. */
function perZone(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): (zone: string) => Intl.DateTimeFormat {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (timeZone) => {
    const format = made.get(timeZone) ?? new Intl.DateTimeFormat(locale, { timeZone, ...options });
    made.set(timeZone, format);
    return format;
  };
}

const dates = perZone("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" });
const clocks = perZone("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Calendar day in a zone, as a sortable "2026-11-23". */
export function dayKey(at: Date | string, zone: string): string {
  return dates(zone).format(new Date(at));
}

/** Minutes since midnight by the clock of a zone. */
export function minuteOfDay(at: Date | string, zone: string): number {
  const parts = clocks(zone).formatToParts(new Date(at));
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  return part("hour") * 60 + part("minute");
}

/** Offset of a zone from UTC in minutes at an instant. */
export function zoneOffset(at: Date | string, zone: string): number {
  const instant = new Date(at);
  const [y = 1970, m = 1, d = 1] = dayKey(instant, zone).split("-").map(Number);
  const midnight = Date.UTC(y, m - 1, d);
  const wall = midnight + minuteOfDay(instant, zone) * minute;
  return Math.round((wall - Math.floor(instant.getTime() / minute) * minute) / minute);
}

/** The instant at which a zone's clock shows a day and a minute of it. */
export function instantOf(day: string, minutes: number, zone: string): Date {
  const [y = 1970, m = 1, d = 1] = day.split("-").map(Number);
  const wall = Date.UTC(y, m - 1, d) + minutes * minute;
  const guess = new Date(wall - zoneOffset(new Date(wall), zone) * minute);
  // A change of the clocks between the two needs a second look.
  return new Date(wall - zoneOffset(guess, zone) * minute);
}

/** Moves a day key by whole days. */
export function addDays(day: string, count: number): string {
  const [y = 1970, m = 1, d = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(y, m - 1, d + count)).toISOString().slice(0, 10);
}

/** The Monday of a day's week. */
export function weekStart(day: string): string {
  const [y = 1970, m = 1, d = 1] = day.split("-").map(Number);
  const weekday = (new Date(Date.UTC(y, m - 1, d)).getUTCDay() + 6) % 7;
  return addDays(day, -weekday);
}

export interface Formats {
  language: string;
  /** What Intl is asked for: English dates in clinics outside the United States read day first. */
  locale: string;
  zone: string;
  /** The browser's. */
  viewerZone: string;
  time(at: Date | string): string;
  /** "14:00 – 14:30" */
  timeRange(start: Date | string, end: Date | string): string;
  /** "Monday, 23 November" */
  day(at: Date | string): string;
  /** The same inside a sentence, "понедельник, 23 ноября" */
  dayInline(at: Date | string): string;
  /** "Mon, 23 Nov" */
  shortDay(at: Date | string): string;
  /** "23 November 2026" */
  date(at: Date | string): string;
  dateTime(at: Date | string): string;
  weekday(day: string): string;
  dayOfMonth(day: string): string;
  /** "November 2026" */
  month(day: string): string;
  /** Title of the days from one day key to another, "23 – 29 November 2026". */
  span(from: string, to: string): string;
  money(amount: { minor: number; currency: string }): string;
  /** "3 min", "2 h 5 min", "4 days" */
  duration(ms: number): string;
  fileSize(bytes: number): string;
  /** Whole years lived on a given day. */
  ageYears(birthDate: string, now?: Date): number;
  /** The viewer's own clock, when it differs from the clinic's at that instant. */
  viewerTime(at: Date | string): string | null;
}

const days = (key: string) => new Date(`${key}T12:00:00Z`);

export function makeFormats(
  language: string,
  zone: string,
  viewerZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone,
): Formats {
  const locale = language === "en" ? "en-GB" : language;
  const format = (options: Intl.DateTimeFormatOptions, timeZone = zone) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = format({ weekday: "long", day: "numeric", month: "long" });
  const date = format({ day: "numeric", month: "long", year: "numeric" });
  const weekday = format({ weekday: "short" }, "UTC");
  const dayOfMonth = format({ day: "numeric" }, "UTC");
  const span = format({ day: "numeric", month: "long", year: "numeric" }, "UTC");
  const shortDay = format({ weekday: "short", day: "numeric", month: "short" });
  const monthYear = format({ month: "long", year: "numeric" }, "UTC");
  const own = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, viewerZone);
  const unit = (value: number, name: string, display: "short" | "long" = "short") =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: display,
      maximumFractionDigits: 1,
    }).format(value);
  // "24 ноября 2026 г.": on screen the last word says nothing.
  const bare = (text: string) => text.replace(/\s?г\.$/, "").replace(/^(\d+) /, "$1\u00a0");
  const sentence = (text: string) => text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);

  return {
    language,
    locale,
    zone,
    viewerZone,
    time: (at) => time.format(new Date(at)),
    timeRange: (start, end) => `${time.format(new Date(start))} – ${time.format(new Date(end))}`,
    day: (at) => sentence(day.format(new Date(at))),
    shortDay: (at) => shortDay.format(new Date(at)),
    dayInline: (at) => day.format(new Date(at)),
    date: (at) => bare(date.format(new Date(at))),
    dateTime: (at) => `${bare(date.format(new Date(at)))}, ${time.format(new Date(at))}`,
    weekday: (key) => sentence(weekday.format(days(key))),
    dayOfMonth: (key) => dayOfMonth.format(days(key)),
    month: (key) => sentence(bare(monthYear.format(days(key)))),
    span: (from, to) =>
      bare(span.formatRange(days(from), days(to))).replace(/(\d)\s–\s(\d)/, "$1–$2"),
    money({ minor, currency }) {
      const money = new Intl.NumberFormat(locale, { style: "currency", currency });
      const digits = money.resolvedOptions().maximumFractionDigits ?? 2;
      const amount = minor / 10 ** digits;
      if (!Number.isInteger(amount)) return money.format(amount);
      return new Intl.NumberFormat(locale, {
        style: "currency",
        currency,
        currencyDisplay: "narrowSymbol",
        maximumFractionDigits: 0,
      }).format(amount);
    },
    duration(ms) {
      const minutes = Math.max(0, Math.floor(ms / minute));
      if (minutes < 60) return unit(minutes, "minute");
      const hours = Math.floor(minutes / 60);
      if (hours >= 24) return unit(Math.floor(hours / 24), "day", "long");
      const rest = minutes % 60;
      return rest === 0 ? unit(hours, "hour") : `${unit(hours, "hour")} ${unit(rest, "minute")}`;
    },
    fileSize(bytes) {
      if (bytes < 1024) return unit(bytes, "byte", "long");
      if (bytes < 1024 * 1024) return unit(Math.round(bytes / 1024), "kilobyte");
      return unit(bytes / (1024 * 1024), "megabyte");
    },
    ageYears(birthDate, now = new Date()) {
      const [by = 0, bm = 1, bd = 1] = birthDate.slice(0, 10).split("-").map(Number);
      const [y = 0, m = 1, d = 1] = dayKey(now, zone).split("-").map(Number);
      return y - by - (m < bm || (m === bm && d < bd) ? 1 : 0);
    },
    viewerTime(at) {
      if (zoneOffset(at, zone) === zoneOffset(at, viewerZone)) return null;
      return own.format(new Date(at));
    },
  };
}
