/** The layers of a camera, smallest first: a quarter, half and the full size. */
export const cameraLayers: readonly RTCRtpEncodingParameters[] = [
  // No maxFramerate: Chromium would apply that of one layer to all three. The scale is
  // always given: Safari else sends layers of equal size.
  { rid: "q", active: true, scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", active: true, scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];

/** A shared screen is one stream: sharp text matters more than small layers. */
export const screenLayers: readonly RTCRtpEncodingParameters[] = [
  { active: true, maxBitrate: 2_500_000 },
];

/**
 * What is put first of what the browser has: VP8, with which simulcast works everywhere, and
 * Opus with redundancy, which hides the loss of single packets. The others stay, so that the
 * server may choose.
 */
const preferred = { video: "video/vp8", audio: "audio/red" };

/** Orders a section's codecs; does nothing where the browser can't say what it has. */
export function preferCodecs(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  const codecs =
    typeof RTCRtpSender === "undefined" ? undefined : RTCRtpSender.getCapabilities(kind)?.codecs;
  if (!codecs || typeof transceiver.setCodecPreferences !== "function") {
    return;
  }
  const isFirst = (codec: { mimeType: string }) => codec.mimeType.toLowerCase() === preferred[kind];
  try {
    transceiver.setCodecPreferences([
      ...codecs.filter(isFirst),
      ...codecs.filter((codec) => !isFirst(codec)),
    ]);
  } catch {
    // Its own order will do.
  }
}

/**
 * Switches a sender's layers on and off; the stream goes on without renegotiation. Of a camera's
 * the smallest is always sent: starting an encoder takes long, and so whoever comes next, or is
 * just admitted, has a picture at once.
 */
export async function applyLayers(sender: RTCRtpSender, wanted: readonly string[]): Promise<void> {
  const parameters = sender.getParameters();
  let changed = false;
  const encodings = parameters.encodings ?? [];
  for (const [i, encoding] of encodings.entries()) {
    const active =
      encodings.length > 1 ? i === 0 || wanted.includes(encoding.rid ?? "") : wanted.length > 0;
    if (encoding.active !== active) {
      encoding.active = active;
      changed = true;
    }
  }
  if (changed) {
    await sender.setParameters(parameters);
  }
}
