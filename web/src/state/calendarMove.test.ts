import { describe, expect, it } from "vitest";
import type { Appointment } from "../api/types";
import { scaleOf } from "./calendarLayout";
import {
  addMonths,
  type Column,
  inHours,
  monthDays,
  moved,
  obstacle,
  targetOf,
  withMoved,
} from "./calendarMove";

const zone = "Europe/Moscow";

function visit(id: string, start: string, minutes = 30): Appointment {
  const at = new Date(`2026-11-23T${start}:00+03:00`);
  return {
    id,
    practitioner: { id: "d1" },
    start: at.toISOString(),
    end: new Date(at.getTime() + minutes * 60_000).toISOString(),
  } as Appointment;
}

describe("where a dragged visit lands", () => {
  const scale = scaleOf([], zone);
  const lefts = [
    { left: 56, right: 156 },
    { left: 156, right: 256 },
  ];
  const cases: [string, number, number, number, { column: number; minutes: number }][] = [
    ["a quarter of an hour", 100, scale.y(9 * 60 + 14), 0, { column: 0, minutes: 555 }],
    ["less than half a quarter up", 200, scale.y(9 * 60 + 7), 0, { column: 1, minutes: 540 }],
    ["held at its middle", 100, scale.y(10 * 60), 25, { column: 0, minutes: 585 }],
    ["above the day", 100, -500, 0, { column: 0, minutes: 480 }],
    ["below the day", 100, 9_999, 0, { column: 0, minutes: 1125 }],
    ["left of the days", -20, scale.y(600), 0, { column: 0, minutes: 600 }],
    ["right of the days", 900, scale.y(600), 0, { column: 1, minutes: 600 }],
  ];
  for (const [name, x, y, grabbed, want] of cases) {
    it(name, () => expect(targetOf(scale, lefts, x, y, grabbed, 30)).toEqual(want));
  }
});

describe("what stands in the way of a move", () => {
  const now = new Date("2026-11-23T09:00:00+03:00");
  const column = (day: string, doctor = ""): Column => ({ key: day, day, doctor });
  const cases: [string, Column, number, ReturnType<typeof obstacle>][] = [
    ["its own place", column("2026-11-23"), 600, "same"],
    ["a time that has passed", column("2026-11-23"), 540, "past"],
    ["yesterday", column("2026-11-22"), 600, "past"],
    ["a doctor who does not give the service", column("2026-11-23", "d2"), 660, "other"],
    ["another doctor at the same time", column("2026-11-23", "d3"), 600, null],
    ["its own doctor", column("2026-11-23", "d1"), 660, null],
    ["tomorrow", column("2026-11-24"), 600, null],
  ];
  for (const [name, to, minutes, want] of cases) {
    it(name, () => {
      const gives = (doctor: string) => doctor !== "d2";
      expect(obstacle(visit("a", "10:00"), to, minutes, zone, now, gives)).toBe(want);
    });
  }
});

describe("a move before it is answered", () => {
  const a = visit("a", "10:00", 45);
  const b = visit("b", "11:00");
  const range = ["2026-11-22T21:00:00.000Z", "2026-11-23T21:00:00.000Z"] as const;

  it("keeps the length and takes the new place in order", () => {
    const next = moved(a, new Date("2026-11-23T12:00:00+03:00"));
    expect(Date.parse(next.end) - Date.parse(next.start)).toBe(45 * 60_000);
    expect(withMoved([a, b], next, ...range).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(a.start).toBe("2026-11-23T07:00:00.000Z");
  });

  it("leaves the days it is moved out of, and enters those it is moved to", () => {
    const next = moved(a, new Date("2026-11-25T12:00:00+03:00"));
    expect(withMoved([a, b], next, ...range).map(({ id }) => id)).toEqual(["b"]);
    const later = ["2026-11-24T21:00:00.000Z", "2026-11-25T21:00:00.000Z"] as const;
    expect(withMoved([], next, ...later).map(({ id }) => id)).toEqual(["a"]);
  });
});

describe("hours", () => {
  const windows = [
    [540, 780],
    [840, 1440],
  ] as const;
  const cases: [string, number, boolean][] = [
    ["09:00", 30, true],
    ["08:45", 30, false],
    ["12:45", 30, false],
    ["13:00", 30, false],
    ["23:30", 30, true],
  ];
  for (const [start, minutes, want] of cases) {
    it(`${start}: ${want}`, () => {
      expect(inHours(visit("a", start, minutes), windows, zone)).toBe(want);
    });
  }
});

describe("months", () => {
  it("is whole weeks with every day of the month once", () => {
    for (let m = 1; m <= 48; m++) {
      const month = addMonths("2025-01-15", m - 1).slice(0, 7);
      const days = monthDays(`${month}-09`);
      expect(days.length % 7, month).toBe(0);
      expect(new Date(`${days[0]}T12:00:00Z`).getUTCDay(), month).toBe(1);
      const [y = 0, mm = 0] = month.split("-").map(Number);
      expect(days.filter((day) => day.startsWith(month)).length).toBe(
        new Date(Date.UTC(y, mm, 0)).getUTCDate(),
      );
      expect(days.length, month).toBeLessThanOrEqual(42);
      expect(
        days.slice(0, 7).some((day) => day.startsWith(month)),
        month,
      ).toBe(true);
    }
  });

  it("goes to the same day of another month, or the last one", () => {
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2026-12-15", 1)).toBe("2027-01-15");
    expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
    expect(addMonths("2026-01-15", -13)).toBe("2024-12-15");
  });
});
