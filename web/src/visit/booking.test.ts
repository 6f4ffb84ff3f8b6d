import { expect, it } from "vitest";
import type { Appointment, Slot } from "../api/types";
import { countdown, everyDay, keptNow, missedOf, others, slotDays, termLines } from "./booking";

const slot = (start: string, practitionerId = "a"): Slot => ({
  practitionerId,
  start,
  end: start,
});

it("puts free times under the clinic's days, one of each", () => {
  const found = slotDays(
    [
      slot("2026-11-24T22:30:00Z"),
      slot("2026-11-24T08:15:00Z"),
      slot("2026-11-24T08:00:00Z"),
      slot("2026-11-24T08:00:00Z", "b"),
    ],
    "Europe/Moscow",
  );
  expect(found).toEqual([
    { day: "2026-11-24", slots: [slot("2026-11-24T08:00:00Z"), slot("2026-11-24T08:15:00Z")] },
    { day: "2026-11-25", slots: [slot("2026-11-24T22:30:00Z")] },
  ]);
});

it("shows days without a free time between the others", () => {
  const found = [{ day: "2026-03-01", slots: [slot("2026-03-01T08:00:00Z")] }];
  expect(everyDay(found, "2026-02-27", 3).map(({ day, slots }) => [day, slots.length])).toEqual([
    ["2026-02-27", 0],
    ["2026-02-28", 0],
    ["2026-03-01", 1],
  ]);
  expect(everyDay(found, "2026-02-28", 1)).toHaveLength(2);
});

const one = (id: string, status: Appointment["status"], day: string, more = {}) =>
  ({
    id,
    status,
    start: `2026-11-${day}T10:00:00Z`,
    end: `2026-11-${day}T10:30:00Z`,
    ...more,
  }) as Appointment;
const at = Date.parse("2026-11-24T00:00:00Z");

it("lists what else is ahead and what was turned down, until its time", () => {
  const next = one("next", "booked", "25");
  const list = [
    one("later", "requested", "28"),
    one("no", "declined", "26"),
    one("mine", "withdrawn", "26"),
    one("past", "declined", "20"),
    one("done", "completed", "27"),
    one("kept", "held", "27"),
    next,
  ];
  expect(others(list, next, at).map(({ id }) => id)).toEqual(["no", "later"]);
});

it("keeps a hold until its time, and a missed visit for a week", () => {
  const list = [
    one("over", "held", "26", { holdExpires: "2026-11-23T23:59:59Z" }),
    one("kept", "held", "27", { holdExpires: "2026-11-24T00:10:00Z" }),
    one("paid", "awaiting_payment", "26", { holdExpires: "2026-11-24T00:10:00Z" }),
    one("old", "no_show", "16"),
    one("ours", "provider_no_show", "22"),
    one("theirs", "no_show", "23"),
  ];
  expect(keptNow(list, at).map(({ id }) => id)).toEqual(["paid", "kept"]);
  expect(missedOf(list, at).map(({ id }) => id)).toEqual(["theirs", "ours"]);
});

const usual = [
  { beforeMin: 24 * 60, refundPercent: 100 },
  { beforeMin: 120, refundPercent: 50 },
  { beforeMin: 0, refundPercent: 0 },
];
const price = { minor: 250001, currency: "RUB" };
const lines = (steps: typeof usual, from = at, of = price) =>
  termLines(steps, "2026-11-25T10:00:00Z", of, from).map(({ fee, until }) => [
    fee.minor,
    until?.toISOString().slice(8, 16),
  ]);

it("says what a cancellation costs, and until when", () => {
  expect(lines(usual)).toEqual([
    [0, "24T10:00"],
    [125001, "25T08:00"],
    [250001, undefined],
  ]);
  // Of what has passed nothing is said.
  expect(lines(usual, Date.parse("2026-11-24T12:00:00Z"))).toEqual([
    [125001, "25T08:00"],
    [250001, undefined],
  ]);
  expect(lines(usual, Date.parse("2026-11-25T09:00:00Z"))).toEqual([[250001, undefined]]);
  // A policy that ends early gives nothing back below its last step.
  expect(lines([{ beforeMin: 60, refundPercent: 100 }])).toEqual([
    [0, "25T09:00"],
    [250001, undefined],
  ]);
  // One that gives all back until the start.
  expect(lines([{ beforeMin: 0, refundPercent: 100 }])).toEqual([[0, undefined]]);
});

it("counts down in minutes and seconds", () => {
  expect(countdown(600_000)).toBe("10:00");
  expect(countdown(61_200)).toBe("1:02");
  expect(countdown(3_600_000)).toBe("1:00:00");
  expect(countdown(-5)).toBe("0:00");
});
