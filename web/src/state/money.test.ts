import { expect, it } from "vitest";
import { currencyDigits, parsePrice, priceText } from "./money";

it("knows the digits of a currency", () => {
  expect(["RUB", "JPY", "KWD", "nonsense"].map(currencyDigits)).toEqual([2, 0, 3, 2]);
});

it("reads what is typed by the currency", () => {
  expect(parsePrice("2 500,5", "RUB")).toBe(250050);
  expect(parsePrice("2500", "JPY")).toBe(2500);
  expect(parsePrice("2500.5", "JPY")).toBeUndefined();
  expect(parsePrice("1.25", "KWD")).toBe(1250);
  expect(parsePrice("0.29", "EUR")).toBe(29); // not 28.999…
  for (const text of ["", "-1", "1e3", "a", "1.2.3", "9999999999999"]) {
    expect(parsePrice(text, "RUB"), text).toBeUndefined();
  }
});

it("shows what it reads", () => {
  for (const [minor, currency, text] of [
    [250000, "RUB", "2500"],
    [250050, "RUB", "2500.50"],
    [2500, "JPY", "2500"],
    [1250, "KWD", "1.250"],
  ] as const) {
    expect(priceText(minor, currency)).toBe(text);
    expect(parsePrice(text, currency)).toBe(minor);
  }
});
