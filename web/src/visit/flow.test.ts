import { describe, expect, it } from "vitest";
import { type FlowEvent, firstStep, flow, type Step } from "./flow";

function walk(...events: FlowEvent[]): Step {
  return events.reduce(flow, flow({ at: "opening" }, { type: "start", step: { at: "home" } }));
}

describe("the patient's way", () => {
  const join: FlowEvent = { type: "join", encounterId: "e" };
  const cases: { name: string; events: FlowEvent[]; want: Step }[] = [
    {
      name: "two presses to the waiting room",
      events: [join, { type: "checked" }],
      want: { at: "room", encounterId: "e" },
    },
    {
      name: "the end",
      events: [join, { type: "checked" }, { type: "ended", reason: "finished" }],
      want: { at: "after", encounterId: "e", reason: "finished" },
    },
    {
      name: "back in after leaving",
      events: [join, { type: "checked" }, { type: "ended", reason: "left" }, { type: "again" }],
      want: { at: "room", encounterId: "e" },
    },
    { name: "home from anywhere", events: [join, { type: "home" }], want: { at: "home" } },
    {
      name: "a request for a time, and back",
      events: [{ type: "request" }, join, { type: "back" }],
      want: { at: "home" },
    },
    {
      name: "a visit that moves",
      events: [{ type: "request", start: { kind: "move", id: "a" } }],
      want: { at: "request", start: { kind: "move", id: "a" } },
    },
    {
      name: "from the end of a visit to the next one",
      events: [
        join,
        { type: "checked" },
        { type: "ended", reason: "finished" },
        { type: "request", start: { kind: "finish", id: "b" } },
      ],
      want: { at: "request", start: { kind: "finish", id: "b" } },
    },
    {
      name: "from a booking to what the doctor should know before",
      events: [{ type: "request" }, { type: "intake", appointmentId: "a" }],
      want: { at: "intake", appointmentId: "a" },
    },
    {
      name: "no booking in the middle of a call",
      events: [join, { type: "checked" }, { type: "request" }],
      want: { at: "room", encounterId: "e" },
    },
    {
      name: "the browser's back from the device check",
      events: [join, { type: "back" }],
      want: { at: "home" },
    },
    {
      name: "the browser's back out of the call, with a way back in",
      events: [join, { type: "checked" }, { type: "back" }],
      want: { at: "after", encounterId: "e", reason: "left" },
    },
    {
      name: "an end that nobody was in",
      events: [{ type: "ended", reason: "finished" }],
      want: { at: "home" },
    },
    { name: "no check skipped", events: [{ type: "checked" }], want: { at: "home" } },
  ];
  for (const test of cases) {
    it(test.name, () => expect(walk(...test.events)).toEqual(test.want));
  }
});

describe("firstStep", () => {
  it("goes back into the room that is still open", () => {
    expect(firstStep("e", ["e"])).toEqual({ at: "room", encounterId: "e" });
  });

  it("stays at home when the room is over, or was never entered", () => {
    expect(firstStep("e", ["other"])).toEqual({ at: "home" });
    expect(firstStep("", ["e"])).toEqual({ at: "home" });
  });
});
