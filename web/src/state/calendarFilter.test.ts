import { describe, expect, it } from "vitest";
import type { Appointment } from "../api/types";
import { filterOf, filterSize, named, noFilter, passes } from "./calendarFilter";

const visit = {
  status: "booked",
  modality: "video",
  service: { id: "s1" },
  practitioner: { id: "d1" },
  patient: { name: "Мария Семёнова-Кузнецова" },
} as Appointment;

describe("names", () => {
  const cases: [string, string, boolean][] = [
    ["Мария Семёнова", "", true],
    ["Мария Семёнова", "сем", true],
    ["Мария Семенова", "СЕМЁН мар", true],
    ["Мария Семёнова-Кузнецова", "кузн", true],
    ["Мария Семёнова", "ария", false],
    ["José Nuñez", "nunez jo", true],
    ["José Nuñez", "nunez ma", false],
  ];
  for (const [name, typed, want] of cases) {
    it(`"${typed}" ${want ? "finds" : "does not find"} ${name}`, () => {
      expect(named(name, typed)).toBe(want);
    });
  }
});

describe("filters", () => {
  const cases: [Partial<typeof noFilter>, boolean][] = [
    [{}, true],
    [{ doctor: "d1", service: "s1", stage: "planned", modality: "video", name: "мар" }, true],
    [{ doctor: "d2" }, false],
    [{ service: "s2" }, false],
    [{ stage: "done" }, false],
    [{ stage: "no such stage" }, true],
    [{ modality: "chat" }, false],
    [{ name: "иван" }, false],
  ];
  for (const [fields, want] of cases) {
    it(`${JSON.stringify(fields)}: ${want}`, () => {
      expect(passes(visit, { ...noFilter, ...fields })).toBe(want);
    });
  }

  it("reads the address, and never the name from it", () => {
    const filter = filterOf(new URLSearchParams("stage=done&service=x&name=secret&date=1"), "");
    expect(filter).toEqual({ ...noFilter, stage: "done", service: "x" });
    expect(filterSize({ ...filter, name: " " })).toBe(2);
  });
});
