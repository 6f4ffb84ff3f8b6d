import { describe, expect, it } from "vitest";
import type { Appointment } from "../api/types";
import { byDay, hourPx, placeDay, scaleOf } from "./calendarLayout";

const zone = "Europe/Moscow";

function visit(id: string, start: string, minutes: number): Appointment {
  const at = new Date(`2026-11-23T${start}:00+03:00`);
  return {
    id,
    start: at.toISOString(),
    end: new Date(at.getTime() + minutes * 60_000).toISOString(),
  } as Appointment;
}

describe("placeDay", () => {
  const cases: [string, Appointment[], [number, number][]][] = [
    ["alone", [visit("a", "09:00", 30)], [[0, 1]]],
    [
      "one after the other",
      [visit("a", "09:00", 30), visit("b", "09:30", 30)],
      [
        [0, 1],
        [0, 1],
      ],
    ],
    [
      "overlapping",
      [visit("a", "09:00", 60), visit("b", "09:30", 30)],
      [
        [0, 2],
        [1, 2],
      ],
    ],
    [
      "a chain that frees its first lane",
      [visit("a", "09:00", 60), visit("b", "09:30", 60), visit("c", "10:00", 60)],
      [
        [0, 2],
        [1, 2],
        [0, 2],
      ],
    ],
    [
      "two groups",
      [visit("a", "09:00", 60), visit("b", "09:00", 30), visit("c", "12:00", 30)],
      [
        [0, 2],
        [1, 2],
        [0, 1],
      ],
    ],
  ];
  for (const [name, visits, want] of cases) {
    it(name, () => {
      expect(placeDay(visits, zone).map((p) => [p.lane, p.lanes])).toEqual(want);
    });
  }

  it("counts minutes by the clinic's clock", () => {
    expect(placeDay([visit("a", "09:15", 45)], zone)[0]).toMatchObject({ top: 555, height: 45 });
  });

  it("never lets two in one lane overlap", () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    for (let round = 0; round < 50; round++) {
      const visits = Array.from({ length: 12 }, (_, i) => {
        const minute = random(40) * 15;
        const start = `${String(8 + Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
        return visit(`v${i}`, start, 15 + random(5) * 15);
      });
      const placed = placeDay(visits, zone);
      for (const a of placed) {
        for (const b of placed) {
          if (a === b || a.lane !== b.lane) continue;
          expect(a.top + a.height <= b.top || b.top + b.height <= a.top).toBe(true);
        }
      }
    }
  });
});

describe("days and hours", () => {
  it("puts a late evening on the clinic's day", () => {
    const late = { ...visit("a", "23:30", 30) };
    expect([...byDay([late], zone).keys()]).toEqual(["2026-11-23"]);
  });

  it("draws the working day, and more when something lies outside", () => {
    expect(scaleOf([], zone).hours.at(0)).toBe(8);
    expect(scaleOf([], zone).hours.at(-1)).toBe(19);
    const { hours } = scaleOf([visit("a", "06:30", 30), visit("b", "19:30", 45)], zone);
    expect([hours.at(0), hours.at(-1)]).toEqual([6, 21]);
  });

  it("keeps quiet hours low and never goes backwards", () => {
    const scale = scaleOf([visit("a", "03:30", 30)], zone, 200);
    expect(scale.y(240) - scale.y(180)).toBe(hourPx);
    expect(scale.y(360) - scale.y(300)).toBeLessThan(hourPx / 2);
    for (let minute = 180; minute < 19 * 60; minute += 5) {
      expect(scale.y(minute + 5)).toBeGreaterThan(scale.y(minute));
    }
    expect(scale.y(19 * 60)).toBe(scale.height);
  });

  it("finds the quarter of an hour at a height", () => {
    const scale = scaleOf([visit("a", "03:30", 30)], zone);
    for (const minute of [180, 225, 480, 615, 1125]) {
      expect(scale.quarterAt(scale.y(minute) + 1)).toBe(minute);
    }
  });
});
