import { describe, expect, it } from "vitest";
import { heardFrom, loudness, settle } from "./level";

const tone = (amplitude: number) =>
  Float32Array.from({ length: 480 }, (_, index) => amplitude * Math.sin(index / 5));

describe("loudness", () => {
  it("is nothing for silence and for no samples", () => {
    expect(loudness(new Float32Array(480))).toBe(0);
    expect(loudness(new Float32Array())).toBe(0);
  });

  it("hears speech and not the hiss of a quiet room", () => {
    expect(loudness(tone(0.1))).toBeGreaterThan(heardFrom);
    expect(loudness(tone(0.001))).toBeLessThan(heardFrom);
  });

  it("stays within the meter", () => {
    expect(loudness(tone(4))).toBe(1);
  });
});

describe("settle", () => {
  it("rises at once and falls slowly", () => {
    expect(settle(0.1, 0.9)).toBe(0.9);
    expect(settle(0.9, 0)).toBeCloseTo(0.87);
    expect(settle(0.01, 0)).toBe(0);
  });
});
