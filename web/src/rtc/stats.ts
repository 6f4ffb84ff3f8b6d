import { type Quality, unknownQuality } from "./state.ts";

/** The counters that a measurement compares with the one before. */
interface Totals {
  at: number;
  bytesUp: number;
  bytesDown: number;
  received: number;
  lost: number;
}

export interface Measurement {
  readonly quality: Quality;
  readonly relay: "" | "udp" | "tcp" | "tls";
}

interface StatsEntry {
  readonly type: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

/** Turns successive stats reports into rates. It holds only the last report's counters. */
export class QualityMeter {
  #last: Totals | null = null;

  /** now is in milliseconds; reports of one meter come from one connection. */
  measure(report: Iterable<StatsEntry>, now: number): Measurement {
    const byId = new Map<string, StatsEntry>();
    for (const entry of report) {
      byId.set(entry.id, entry);
    }
    const totals: Totals = { at: now, bytesUp: 0, bytesDown: 0, received: 0, lost: 0 };
    let rttMs: number | null = null;
    let lossUp: number | null = null;
    let freezes = 0;
    let relay: Measurement["relay"] = "";
    for (const entry of byId.values()) {
      switch (entry.type) {
        case "outbound-rtp":
          totals.bytesUp += num(entry, "bytesSent") + num(entry, "headerBytesSent");
          break;
        case "inbound-rtp":
          totals.bytesDown += num(entry, "bytesReceived") + num(entry, "headerBytesReceived");
          totals.received += num(entry, "packetsReceived");
          totals.lost += num(entry, "packetsLost");
          freezes += num(entry, "freezeCount");
          break;
        case "remote-inbound-rtp": {
          const fraction = entry.fractionLost;
          if (typeof fraction === "number") {
            lossUp = Math.max(lossUp ?? 0, fraction * 100);
          }
          break;
        }
        case "candidate-pair":
          if (selected(entry, byId)) {
            const rtt = entry.currentRoundTripTime;
            if (typeof rtt === "number") {
              rttMs = rtt * 1000;
            }
            relay = relayOf(byId.get(String(entry.localCandidateId)));
          }
          break;
      }
    }
    const last = this.#last;
    this.#last = totals;
    if (!last || now <= last.at) {
      return { quality: { ...unknownQuality, rttMs, freezes }, relay };
    }
    const seconds = (now - last.at) / 1000;
    const lost = Math.max(0, totals.lost - last.lost);
    const arrived = Math.max(0, totals.received - last.received);
    const lossPct = lost + arrived > 0 ? (100 * lost) / (lost + arrived) : null;
    return {
      quality: {
        up: rate(totals.bytesUp - last.bytesUp, seconds),
        down: rate(totals.bytesDown - last.bytesDown, seconds),
        rttMs,
        lossUpPct: lossUp,
        lossPct,
        freezes,
        score: score(rttMs, Math.max(lossPct ?? 0, lossUp ?? 0)),
      },
      relay,
    };
  }
}

function rate(bytes: number, seconds: number): number {
  return Math.max(0, Math.round((bytes * 8) / seconds));
}

/** 3 below 5 % loss and 300 ms; 2 below 10 % and 600 ms; else 1; 0 when nothing is known. */
function score(rttMs: number | null, lossPct: number): Quality["score"] {
  if (rttMs === null) {
    return 0;
  }
  if (lossPct < 5 && rttMs < 300) {
    return 3;
  }
  return lossPct < 10 && rttMs < 600 ? 2 : 1;
}

function selected(pair: StatsEntry, byId: ReadonlyMap<string, StatsEntry>): boolean {
  if (pair.selected === true) {
    return true; // Firefox
  }
  for (const entry of byId.values()) {
    if (entry.type === "transport" && entry.selectedCandidatePairId === pair.id) {
      return true;
    }
  }
  return false;
}

function relayOf(candidate: StatsEntry | undefined): Measurement["relay"] {
  if (candidate?.candidateType !== "relay") {
    return "";
  }
  const protocol = candidate.relayProtocol;
  return protocol === "tcp" || protocol === "tls" ? protocol : "udp";
}

function num(entry: StatsEntry, name: string): number {
  const value = entry[name];
  return typeof value === "number" ? value : 0;
}
