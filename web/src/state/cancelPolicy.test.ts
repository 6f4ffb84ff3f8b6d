import { expect, it } from "vitest";
import { draftOf, faultOf, nextStep, stepsOf } from "./cancelPolicy";

const usual = [
  { beforeMin: 1440, refundPercent: 100 },
  { beforeMin: 90, refundPercent: 50 },
];

it("shows steps and reads them back", () => {
  expect(draftOf(usual)).toEqual([
    { hours: "24", percent: "100" },
    { hours: "1.5", percent: "50" },
  ]);
  expect(stepsOf(draftOf(usual))).toEqual(usual);
  expect(stepsOf([{ hours: "1,5", percent: "50" }])).toEqual([
    { beforeMin: 90, refundPercent: 50 },
  ]);
});

it("names the row that is wrong", () => {
  const fault = (...rows: [string, string][]) =>
    faultOf(rows.map(([hours, percent]) => ({ hours, percent })));
  expect(fault(["24", "100"], ["2", "50"], ["0", "0"])).toBeUndefined();
  expect(fault(["x", "100"])).toEqual({ row: 0, fault: "hours" });
  expect(fault(["24", "101"])).toEqual({ row: 0, fault: "percent" });
  expect(fault(["24", "12.5"])).toEqual({ row: 0, fault: "percent" });
  expect(fault(["24", "100"], ["24", "50"])).toEqual({ row: 1, fault: "order" });
  expect(fault(["24", "50"], ["2", "80"])).toEqual({ row: 1, fault: "order" });
  expect(fault(["3000", "50"])).toEqual({ row: 0, fault: "hours" });
});

it("offers a step below the last", () => {
  const draft = [...draftOf(usual), nextStep(draftOf(usual))];
  expect(faultOf(draft)).toBeUndefined();
  expect(nextStep([])).toEqual({ hours: "24", percent: "100" });
});
