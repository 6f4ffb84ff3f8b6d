import { expect, test } from "vitest";
import { QualityMeter } from "./stats.ts";

const pair = { type: "candidate-pair", id: "p", currentRoundTripTime: 0.1, localCandidateId: "l" };
const inbound = (packetsReceived: number, packetsLost: number, id = "i") => ({
  type: "inbound-rtp",
  id,
  bytesReceived: packetsReceived * 1000,
  packetsReceived,
  packetsLost,
});

test("knows only what the first report can tell", () => {
  const { quality } = new QualityMeter().measure([{ ...pair, selected: true }], 0);
  expect(quality).toMatchObject({ up: null, down: null, lossPct: null, rttMs: 100, score: 0 });
});

test.each([
  {
    name: "Chromium",
    extra: [{ type: "transport", id: "t", selectedCandidatePairId: "p" }],
    rtt: 100,
  },
  { name: "Firefox", extra: [{ ...pair, selected: true }], rtt: 100 },
  {
    name: "another pair",
    extra: [{ type: "transport", id: "t", selectedCandidatePairId: "q" }],
    rtt: null,
  },
])("finds the pair in use: $name", ({ extra, rtt }) => {
  expect(new QualityMeter().measure([pair, ...extra], 0).quality.rttMs).toBe(rtt);
});

test.each([
  ["host", undefined, ""],
  ["relay", "udp", "udp"],
  ["relay", "tcp", "tcp"],
  ["relay", "tls", "tls"],
  ["relay", undefined, "udp"],
])("a %s candidate over %s is shown as %j", (candidateType, relayProtocol, relay) => {
  const local = { type: "local-candidate", id: "l", candidateType, relayProtocol };
  expect(new QualityMeter().measure([{ ...pair, selected: true }, local], 0).relay).toBe(relay);
});

test.each([
  { rtt: 0.05, lost: 0, up: 0, score: 3 },
  { rtt: 0.05, lost: 60, up: 0, score: 2 },
  { rtt: 0.05, lost: 200, up: 0, score: 1 },
  { rtt: 0.05, lost: 0, up: 0.07, score: 2 },
  { rtt: 0.4, lost: 0, up: 0, score: 2 },
  { rtt: 0.7, lost: 0, up: 0, score: 1 },
])("judges %o", ({ rtt, lost, up, score }) => {
  const meter = new QualityMeter();
  const used = { ...pair, selected: true, currentRoundTripTime: rtt };
  const remote = { type: "remote-inbound-rtp", id: "r", fractionLost: up };
  meter.measure([used, inbound(0, 0), remote], 0);
  const { quality } = meter.measure([used, inbound(1000 - lost, lost), remote], 1000);
  expect(quality.score).toBe(score);
});

test("streams that end don't make rates negative", () => {
  const meter = new QualityMeter();
  meter.measure([inbound(1000, 10), inbound(1000, 10, "j")], 0);
  const { quality } = meter.measure([inbound(1001, 9)], 2000);
  expect(quality).toMatchObject({ down: 0, lossPct: null });
});

test("odd values count as nothing", () => {
  const meter = new QualityMeter();
  const odd = { type: "inbound-rtp", id: "i", bytesReceived: "many", packetsLost: null };
  meter.measure([odd], 0);
  expect(meter.measure([odd], 2000).quality.down).toBe(0);
});
