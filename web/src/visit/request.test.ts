import { expect, it } from "vitest";
import type { Appointment, Slot } from "../api/types";
import { others, slotDays } from "./request";

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

it("lists what else is ahead and what was turned down, until its time", () => {
  const one = (id: string, status: Appointment["status"], day: string) =>
    ({
      id,
      status,
      start: `2026-11-${day}T10:00:00Z`,
      end: `2026-11-${day}T10:30:00Z`,
    }) as Appointment;
  const next = one("next", "booked", "25");
  const list = [
    one("later", "requested", "28"),
    one("no", "declined", "26"),
    one("mine", "withdrawn", "26"),
    one("past", "declined", "20"),
    one("done", "completed", "27"),
    next,
  ];
  const at = Date.parse("2026-11-24T00:00:00Z");
  expect(others(list, next, at).map(({ id }) => id)).toEqual(["no", "later"]);
});
