import { expect, it } from "vitest";
import { statuses } from "../ui/status";
import { stageCounts, stageOf, stages } from "./stages";

it("gives every state exactly one stage", () => {
  for (const status of statuses) {
    const found = stages.filter((stage) => stage.statuses.has(status));
    expect(found.length, status).toBe(1);
    expect(stageOf(status)).toBe(found[0]);
  }
});

it("adds the counts of states up to stages, in the order of a visit's life", () => {
  const counts = { no_show: 2, booked: 3, cancelled: 1, requested: 4, held: 1, new_state: 9 };
  expect(stageCounts(counts).map(({ stage, count }) => [stage.name, count])).toEqual([
    ["requests", 5],
    ["planned", 3],
    ["off", 3],
  ]);
});
