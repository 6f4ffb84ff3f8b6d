import { describe, expect, it } from "vitest";
import { qualityBars, qualityWord } from "./callQuality";

describe("qualityWord", () => {
  const base = { media: "connected", reconnecting: false };
  const cases = [
    { name: "nothing measured", measured: base, want: "unknown", bars: 0 },
    { name: "near", measured: { ...base, rttMs: 40, lossPct: 0 }, want: "good", bars: 3 },
    { name: "some loss", measured: { ...base, rttMs: 40, lossPct: 6 }, want: "fair", bars: 2 },
    { name: "far", measured: { ...base, rttMs: 310, lossPct: 0 }, want: "fair", bars: 2 },
    { name: "much loss", measured: { ...base, rttMs: 40, lossPct: 12 }, want: "poor", bars: 1 },
    { name: "very far", measured: { ...base, rttMs: 700 }, want: "poor", bars: 1 },
    {
      name: "media gone",
      measured: { ...base, media: "disconnected", rttMs: 40 },
      want: "lost",
      bars: 0,
    },
    {
      name: "signaling gone",
      measured: { ...base, reconnecting: true, rttMs: 40 },
      want: "lost",
      bars: 0,
    },
  ];
  for (const test of cases) {
    it(test.name, () => {
      const word = qualityWord(test.measured);
      expect(word).toBe(test.want);
      expect(qualityBars(word)).toBe(test.bars);
    });
  }
});
