import { expect, it } from "vitest";
import { emptyParts, moved, newQuestion, withKind } from "./questionnaire";

it("moves within the list and not out of it", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 7, -1)).toEqual(["a", "b"]);
});

it("keeps words and leaves out what another kind has not", () => {
  const choice = withKind({ ...newQuestion(), label: { en: "Pain" } }, "one_of");
  expect(choice.options).toHaveLength(2);
  const number = withKind({ ...choice, unit: { en: "kg" } }, "number");
  expect(number.options).toBeUndefined();
  expect(number.unit).toEqual({ en: "kg" });
  expect(withKind(number, "text").unit).toBeUndefined();
});

it("names what has no words yet", () => {
  const choice = withKind({ ...newQuestion(), label: { ru: "Боль" } }, "one_of");
  expect(emptyParts([choice], "ru")).toEqual([
    "/questions/0/options/0/label/ru",
    "/questions/0/options/1/label/ru",
  ]);
  expect(emptyParts([newQuestion()], "en")).toEqual(["/questions/0/label/en"]);
});
