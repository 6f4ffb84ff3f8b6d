/** How good the connection is, in words a patient understands. */

export type QualityWord = "good" | "fair" | "poor" | "lost" | "unknown";

/** What the connection measures; undefined while nothing was measured yet. */
export interface Measured {
  rttMs?: number | undefined;
  lossPct?: number | undefined;
  /** State of the media path: "connected", "disconnected", "failed" or "". */
  media: string;
  reconnecting: boolean;
}

/** Beyond these a call is noticeably worse, beyond the second ones bad (Daily's pre-call bounds). */
const fairRttMs = 300;
const poorRttMs = 600;
const fairLossPct = 5;
const poorLossPct = 10;

/** Names the quality of what was measured. */
export function qualityWord(measured: Measured): QualityWord {
  if (measured.reconnecting || measured.media === "disconnected" || measured.media === "failed") {
    return "lost";
  }
  const { rttMs, lossPct } = measured;
  if (rttMs === undefined && lossPct === undefined) return "unknown";
  if ((rttMs ?? 0) >= poorRttMs || (lossPct ?? 0) >= poorLossPct) return "poor";
  if ((rttMs ?? 0) >= fairRttMs || (lossPct ?? 0) >= fairLossPct) return "fair";
  return "good";
}

/** How many of the indicator's three bars are lit. */
export function qualityBars(word: QualityWord): 0 | 1 | 2 | 3 {
  switch (word) {
    case "good":
      return 3;
    case "fair":
      return 2;
    case "poor":
      return 1;
    case "lost":
    case "unknown":
      return 0;
  }
}
