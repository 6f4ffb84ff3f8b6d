import { describe, expect, it } from "vitest";
import { accentTokens, contrast } from "./accent";

describe("accentTokens", () => {
  for (const colour of ["#0f766e", "#ffd400", "#ffffff", "#000000", "#e91e63", "#90caf9"]) {
    it(`keeps text readable with ${colour}`, () => {
      const tokens = accentTokens(colour);
      const accent = tokens?.["--accent"] ?? "";
      const strong = tokens?.["--accent-strong"] ?? "";
      const soft = tokens?.["--accent-soft"] ?? "";
      expect(contrast(accent, "#ffffff")).toBeGreaterThanOrEqual(4.5);
      expect(contrast(strong, soft)).toBeGreaterThanOrEqual(4.5);
    });
  }

  it("refuses what is no colour", () => {
    expect(accentTokens("red;}")).toBeNull();
  });
});
