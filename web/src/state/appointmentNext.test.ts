import { expect, it } from "vitest";
import type { Appointment } from "../api/types";
import { nextStep } from "./appointmentNext";

const cases: [Appointment["status"], Appointment["actions"], ReturnType<typeof nextStep>][] = [
  ["requested", ["confirm", "decline"], "confirm"],
  ["requested", [], null],
  ["booked", ["cancel"], null],
  ["booked", ["join", "cancel"], "join"],
  ["waiting", ["join", "admit", "open_card"], "admit"],
  ["waiting", ["cancel"], null],
  ["in_progress", ["join", "write", "finish"], "join"],
  ["in_progress", ["finish"], "finish"],
  ["documenting", ["open_card", "write"], "write"],
  ["documenting", ["open_card", "write", "sign"], "sign"],
  ["completed", [], null],
];

for (const [status, actions, want] of cases) {
  it(`${status} with ${actions.join(", ") || "nothing"}: ${want}`, () => {
    expect(nextStep({ status, actions })).toBe(want);
  });
}
