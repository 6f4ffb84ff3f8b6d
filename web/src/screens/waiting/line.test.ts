import { describe, expect, it } from "vitest";
import { waitingLine } from "./line";

const start = "2026-11-24T12:00:00Z";
const at = (time: string) => Date.parse(`2026-11-24T${time}Z`);

describe("waitingLine", () => {
  const cases = [
    { name: "before the start", now: at("11:50:00"), want: "early" },
    { name: "at the start", now: at("12:00:00"), want: "due" },
    { name: "a little after", now: at("12:04:59"), want: "due" },
    { name: "much after", now: at("12:05:00"), want: "late" },
  ];
  for (const test of cases) {
    it(test.name, () => {
      const line = waitingLine({ start, status: "waiting", since: start }, test.now);
      expect(line.kind).toBe(test.want);
    });
  }

  it("counts the wait from the check-in, never below nothing", () => {
    const since = "2026-11-24T11:55:00Z";
    expect(waitingLine({ start, status: "waiting", since }, at("12:00:00")).waitedMs).toBe(300_000);
    expect(waitingLine({ start, status: "waiting", since }, at("11:54:00")).waitedMs).toBe(0);
    expect(
      waitingLine({ start, status: "booked", since }, at("12:00:00")).waitedMs,
    ).toBeUndefined();
  });
});
