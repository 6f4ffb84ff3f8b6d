import { describe, expect, it } from "vitest";
import type { ScheduleUpdate } from "../api/types";
import {
  clockChoices,
  closedOn,
  draftOf,
  faultsOf,
  firstRanges,
  nextRange,
  refusedFields,
  sameHours,
  updateOf,
  windowsOn,
} from "./hours";

const schedule: ScheduleUpdate = {
  weekly: [
    { days: ["mon", "tue", "wed"], from: "14:00", to: "18:00" },
    { days: ["mon", "tue"], from: "09:00", to: "13:00" },
    { days: ["sat"], from: "10:00", to: "14:00", until: "2026-12-31" },
  ],
  exceptions: [
    { first: "2026-11-23", last: "2026-11-27", windows: [] },
    { first: "2026-11-25", last: "2026-11-25", windows: [{ from: "10:00", to: "12:00" }] },
  ],
  stepMin: 15,
  bufferMin: 5,
  minNoticeMin: 60,
  horizonDays: 60,
  maxPerDay: 0,
};

const draft = () => draftOf(structuredClone(schedule));

describe("a schedule as people edit it", () => {
  it("is by the day, in order", () => {
    expect(draft().week.mon).toEqual([
      { from: "09:00", to: "13:00" },
      { from: "14:00", to: "18:00" },
    ]);
    expect(draft().week.wed).toEqual([{ from: "14:00", to: "18:00" }]);
    expect(draft().week.sat).toEqual([]);
  });

  it("is sent as few rules, and keeps those between two dates", () => {
    expect(updateOf(draft()).weekly).toEqual([
      { days: ["mon", "tue"], from: "09:00", to: "13:00" },
      { days: ["mon", "tue", "wed"], from: "14:00", to: "18:00" },
      { days: ["sat"], from: "10:00", to: "14:00", until: "2026-12-31" },
    ]);
    expect(sameHours(draft(), draftOf(updateOf(draft())))).toBe(true);
  });

  it("knows a change", () => {
    const changed = draft();
    changed.week.fri = [{ from: "09:00", to: "10:00" }];
    expect(sameHours(draft(), changed)).toBe(false);
  });
});

describe("what is wrong", () => {
  it.each([
    ["nothing", () => undefined, []],
    [
      "an end before the beginning",
      (d: ReturnType<typeof draft>) => d.week.mon.push({ from: "20:00", to: "19:00" }),
      [["week/mon/2", "order"]],
    ],
    [
      "an overlap",
      (d: ReturnType<typeof draft>) => d.week.tue.push({ from: "12:00", to: "15:00" }),
      [["week/tue/2", "overlap"]],
    ],
    [
      "days in the wrong order",
      (d: ReturnType<typeof draft>) =>
        d.exceptions.push({ first: "2026-12-02", last: "2026-12-01", windows: [] }),
      [["exceptions/2", "dates"]],
    ],
    [
      "an empty horizon",
      (d: ReturnType<typeof draft>) => {
        d.horizonDays = Number.NaN;
      },
      [["horizonDays", "horizon"]],
    ],
    [
      "too many a day",
      (d: ReturnType<typeof draft>) => {
        d.maxPerDay = 201;
      },
      [["maxPerDay", "perDay"]],
    ],
  ] as const)("%s", (_, change, want) => {
    const d = draft();
    change(d);
    expect([...faultsOf(d)]).toEqual(want);
  });

  it("puts the server's complaints where they belong", () => {
    const pointers = ["/weekly/1", "/exceptions/0/windows/2/to", "/bufferMin", "/weekly"];
    expect([...refusedFields(draft(), pointers)]).toEqual([
      ["week/mon/1", "refused"],
      ["week/tue/1", "refused"],
      ["week/wed/0", "refused"],
      ["exceptions/0", "refused"],
      ["bufferMin", "refused"],
      ["week", "many"],
    ]);
  });
});

describe("what is offered", () => {
  it("opens a day with the hours of the one before", () => {
    expect(firstRanges(draft().week, "thu")).toEqual([{ from: "14:00", to: "18:00" }]);
    const empty = draft().week;
    empty.mon = empty.tue = empty.wed = [];
    expect(firstRanges(empty, "mon")).toEqual([{ from: "09:00", to: "18:00" }]);
  });

  it("adds a range after a break, while there is a day left", () => {
    expect(nextRange([{ from: "09:00", to: "13:00" }])).toEqual({ from: "14:00", to: "18:00" });
    expect(nextRange([{ from: "09:00", to: "21:00" }])).toEqual({ from: "22:00", to: "24:00" });
    expect(nextRange([{ from: "09:00", to: "23:30" }])).toBeNull();
  });

  it("keeps a chosen time that is off the quarters", () => {
    expect(clockChoices("09:50", "09:30", "10:00")).toEqual(["09:30", "09:45", "09:50", "10:00"]);
  });
});

describe("a day of the calendar", () => {
  it.each([
    [
      "a plain Monday",
      "2026-11-30",
      [
        [540, 780],
        [840, 1080],
      ],
    ],
    ["a vacation", "2026-11-23", []],
    ["the last exception counts", "2026-11-25", [[600, 720]]],
    ["a rule that holds still", "2026-12-26", [[600, 840]]],
    ["a rule that is over", "2027-01-02", []],
  ])("%s", (_, day, want) => {
    expect(windowsOn(schedule, day)).toEqual(want);
  });

  it("is closed around the hours", () => {
    expect(closedOn(schedule, "2026-11-30")).toEqual([
      [0, 540],
      [780, 840],
      [1080, 1440],
    ]);
    expect(closedOn(schedule, "2026-11-23")).toEqual([[0, 1440]]);
  });

  it("joins hours that touch or overlap", () => {
    const weekly = [
      { days: ["mon" as const], from: "09:00", to: "13:00" },
      { days: ["mon" as const], from: "13:00", to: "15:00" },
    ];
    expect(windowsOn({ ...schedule, weekly, exceptions: [] }, "2026-11-30")).toEqual([[540, 900]]);
  });
});
