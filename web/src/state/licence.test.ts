import { expect, it } from "vitest";
import { licenceMark } from "./licence";

const now = new Date("2026-11-24T09:00:00Z");

it.each([
  ["far away", "2029-11-24T00:00:00Z", { kind: "good" }],
  ["in 61 days", "2027-01-24T09:00:00Z", { kind: "good" }],
  ["in 60 days", "2027-01-23T09:00:00Z", { kind: "soon", days: 60 }],
  ["tomorrow by the clinic's clock", "2026-11-24T21:30:00Z", { kind: "soon", days: 1 }],
  ["later today", "2026-11-24T15:00:00Z", { kind: "soon", days: 0 }],
  ["this moment", "2026-11-24T09:00:00Z", { kind: "expired" }],
  ["last year", "2025-11-24T09:00:00Z", { kind: "expired" }],
])("a licence that ends %s", (_, expires, want) => {
  expect(licenceMark(expires, "Europe/Moscow", now)).toEqual(want);
});
