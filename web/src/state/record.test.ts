import { expect, it } from "vitest";
import type { Intake, Sections } from "../api/types";
import { linesOf, takeOver } from "./record";

const sections: Sections = {
  complaint: "Sore throat\n",
  anamnesis: "",
  findings: "",
  diagnosisCode: "",
  diagnosis: "",
  plan: "",
};

it("takes text over once, after what is there", () => {
  const words = { complaint: "since Monday", anamnesis: "Smokes: no" };
  const once = takeOver(sections, words);
  expect(once?.complaint).toBe("Sore throat\nsince Monday");
  expect(once?.anamnesis).toBe("Smokes: no");
  expect(once && takeOver(once, words)).toBeNull();
  expect(takeOver(sections, { complaint: " ", anamnesis: "" })).toBeNull();
});

it("reads answers as people do, and leaves out what was not answered", () => {
  const options = [
    { id: "h", label: "Head" },
    { id: "t", label: "Throat" },
  ];
  const question = (id: string, kind: string, more = {}) => ({
    id,
    kind,
    label: id.toUpperCase(),
    required: false,
    options: [],
    ...more,
  });
  const intake = {
    questions: [
      question("a", "yes_no"),
      question("b", "several_of", { options }),
      question("c", "number", { unit: "°C" }),
      question("d", "date"),
      question("e", "text"),
    ],
    answers: [
      { question: "a", values: ["no"] },
      { question: "b", values: ["h", "t"] },
      { question: "c", values: ["36.6"] },
      { question: "d", values: ["2026-11-20"] },
    ],
  } as unknown as Intake;
  const words = { yes: "yes", no: "no", date: (day: string) => `on ${day}` };
  expect(linesOf(intake, words).map(({ text }) => text)).toEqual([
    "no",
    "Head, Throat",
    "36.6 °C",
    "on 2026-11-20",
  ]);
});
