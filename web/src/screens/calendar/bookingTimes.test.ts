import { describe, expect, it } from "vitest";
import type { Appointment } from "../../api/types";
import { bestTime, busyAt, firstTime, times } from "./bookingTimes";

const zone = "Europe/Moscow";
const at = (time: string) => new Date(`2026-11-24T${time}:00+03:00`);

const visit = (start: string, end: string, status = "booked") =>
  ({
    status,
    start: at(start).toISOString(),
    end: at(end).toISOString(),
    practitioner: { id: "doctor" },
  }) as Appointment;

describe("firstTime", () => {
  const cases: [string, Parameters<typeof firstTime>[0], string, string][] = [
    ["next quarter today", { day: "2026-11-24" }, "2026-11-24", "14:15"],
    ["morning of another day", { day: "2026-11-26" }, "2026-11-26", "09:00"],
    ["never in the past", { day: "2026-11-20" }, "2026-11-24", "14:15"],
    ["what was pressed", { day: "2026-11-25", minutes: 615 }, "2026-11-25", "10:15"],
  ];
  for (const [name, prefill, date, time] of cases) {
    it(name, () => expect(firstTime(prefill, zone, at("14:00"))).toEqual({ date, time }));
  }

  it("goes to tomorrow before midnight", () => {
    expect(firstTime({ day: "2026-11-24" }, zone, at("23:50"))).toEqual({
      date: "2026-11-25",
      time: "09:00",
    });
  });
});

describe("busyAt", () => {
  const busy = busyAt(
    [visit("10:00", "10:30"), visit("12:00", "12:30", "cancelled")],
    "doctor",
    "2026-11-24",
    30,
    zone,
  );
  it("counts overlaps, not touching ends or freed time", () => {
    const taken = times("2026-11-24", [], busy, zone, at("09:00"))
      .others.filter((item) => item.taken)
      .map((item) => item.time);
    expect(taken).toEqual(["09:45", "10:00", "10:15"]);
  });
});

describe("times", () => {
  const slots = ["14:20", "09:00", "16:00"].map((time) => ({ start: at(time).toISOString() }));
  const late = times("2026-11-24", slots, () => false, zone, at("14:00"));

  it("offers what the hours leave free, in order, and nothing that has passed", () => {
    expect(late.offered).toEqual(["14:20", "16:00"]);
    expect(late.others[0]?.time).toBe("14:15");
    expect(late.others.some((item) => item.time === "16:00")).toBe(false);
  });

  it("begins with the nearest offered time, or a free one", () => {
    expect(bestTime(late, "14:15")).toBe("14:20");
    expect(bestTime(late, "18:00")).toBe("18:00");
    expect(bestTime(late, "14:15", true)).toBe("14:15");
    expect(bestTime({ offered: [], others: [{ time: "10:00", taken: true }] }, "09:00")).toBe(
      undefined,
    );
  });
});
