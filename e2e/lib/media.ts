import { expect, type Page } from "@playwright/test";

declare global {
  interface Window {
    /** Every peer connection the page has made, oldest first. */
    peers?: RTCPeerConnection[];
  }
}

/** Runs in the page before its scripts, so that tests can read statistics. */
export function watchPeers(): void {
  const Original = window.RTCPeerConnection;
  const peers: RTCPeerConnection[] = [];
  window.peers = peers;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push(this);
    }
  };
}

export interface Received {
  /** Of all incoming pictures together. */
  framesDecoded: number;
  audioPackets: number;
  /** Energy of what was heard, as `totalAudioEnergy` of WebRTC statistics. */
  audioEnergy: number;
  /** Share of samples that were made up for lost ones, 0 to 1. */
  concealed: number;
  /** Type and protocol of the local candidates in use, such as "relay/tcp". */
  ways: string[];
}

/** What the page receives by its open connections. */
export async function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const sum = { framesDecoded: 0, audioPackets: 0, audioEnergy: 0, concealed: 0, ways: [] as string[] };
    let samples = 0;
    let made = 0;
    for (const peer of window.peers ?? []) {
      if (peer.connectionState === "closed") continue;
      const stats = await peer.getStats();
      for (const one of stats.values()) {
        if (one.type === "inbound-rtp" && one.kind === "video") {
          sum.framesDecoded += one.framesDecoded ?? 0;
        }
        if (one.type === "inbound-rtp" && one.kind === "audio") {
          sum.audioPackets += one.packetsReceived ?? 0;
          sum.audioEnergy += one.totalAudioEnergy ?? 0;
          samples += one.totalSamplesReceived ?? 0;
          made += one.concealedSamples ?? 0;
        }
        if (one.type === "transport" && one.selectedCandidatePairId) {
          const pair = stats.get(one.selectedCandidatePairId);
          const local = pair && stats.get(pair.localCandidateId);
          if (local) sum.ways.push(`${local.candidateType}/${local.relayProtocol ?? local.protocol}`);
        }
      }
    }
    sum.concealed = samples > 0 ? made / samples : 0;
    return sum;
  });
}

/** A few pixels of a picture as it is shown, or null before its first frame. */
function pixels(page: Page, testId: string, index: number): Promise<number[] | null> {
  return page.evaluate(
    ([id, at]) => {
      const video = document.querySelectorAll<HTMLVideoElement>(`video[data-testid="${id}"]`)[at];
      if (!video || video.videoWidth === 0) return null;
      const canvas = document.createElement("canvas");
      canvas.width = 48;
      canvas.height = 27;
      const drawing = canvas.getContext("2d", { willReadFrequently: true });
      if (!drawing) return null;
      drawing.drawImage(video, 0, 0, canvas.width, canvas.height);
      return [...drawing.getImageData(0, 0, canvas.width, canvas.height).data];
    },
    [testId, index] as const,
  );
}

/** Waits until a shown picture has really changed and is not one flat colour. */
export async function expectMoving(page: Page, testId: string, index = 0): Promise<void> {
  let first: number[] | null = null;
  await expect
    .poll(
      async () => {
        const now = await pixels(page, testId, index);
        if (!now) return "no picture";
        if (flat(now)) return "one flat colour";
        if (!first) {
          first = now;
          return "one frame";
        }
        return changed(first, now) ? "moving" : "standing still";
      },
      { message: `${testId} shows a moving picture`, timeout: 20_000, intervals: [200, 300, 500] },
    )
    .toBe("moving");
}

function flat(data: number[]): boolean {
  const [r = 0, g = 0, b = 0] = data;
  for (let at = 0; at < data.length; at += 4) {
    const far =
      Math.abs((data[at] ?? 0) - r) + Math.abs((data[at + 1] ?? 0) - g) + Math.abs((data[at + 2] ?? 0) - b);
    if (far > 24) return false;
  }
  return true;
}

function changed(a: number[], b: number[]): boolean {
  let pixelsChanged = 0;
  for (let at = 0; at < a.length; at += 4) {
    const far =
      Math.abs((a[at] ?? 0) - (b[at] ?? 0)) +
      Math.abs((a[at + 1] ?? 0) - (b[at + 1] ?? 0)) +
      Math.abs((a[at + 2] ?? 0) - (b[at + 2] ?? 0));
    if (far > 24) pixelsChanged++;
  }
  return pixelsChanged >= 5;
}

/** Waits until frames have been decoded over several looks, each more than the last. */
export async function expectFrames(page: Page, looks = 4): Promise<void> {
  let last = -1;
  let rises = 0;
  await expect
    .poll(
      async () => {
        const { framesDecoded } = await received(page);
        if (last >= 0) rises = framesDecoded > last ? rises + 1 : 0;
        last = framesDecoded;
        return rises;
      },
      { message: "framesDecoded keeps rising", timeout: 25_000, intervals: [500] },
    )
    .toBeGreaterThanOrEqual(looks);
}

/** Waits until sound arrives: packets and energy, most of it not made up. */
export async function expectSound(page: Page): Promise<void> {
  const before = await received(page);
  await expect
    .poll(
      async () => {
        const now = await received(page);
        return now.audioPackets > before.audioPackets + 50 && now.audioEnergy > before.audioEnergy;
      },
      { message: "sound arrives", timeout: 20_000, intervals: [500] },
    )
    .toBe(true);
  expect((await received(page)).concealed, "share of concealed sound").toBeLessThan(0.5);
}

/** Picture and sound of one other person, decoded, shown and heard. */
export async function expectSeesAndHears(page: Page): Promise<void> {
  await expect(page.getByTestId("remote-video").first()).toBeVisible({ timeout: 20_000 });
  await expectFrames(page);
  await expectMoving(page, "remote-video");
  await expectSound(page);
}
