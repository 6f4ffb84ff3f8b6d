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
 * Puts VP8 first: with it simulcast works in every browser. The others stay, so that the server
 * may choose. Does nothing where the browser can't say what it has.
 */
export function preferVP8(transceiver: RTCRtpTransceiver): void {
  const capabilities =
    typeof RTCRtpSender === "undefined" ? null : RTCRtpSender.getCapabilities("video");
  if (!capabilities || typeof transceiver.setCodecPreferences !== "function") {
    return;
  }
  const isVP8 = (codec: { mimeType: string }) => codec.mimeType.toLowerCase() === "video/vp8";
  const { codecs } = capabilities;
  try {
    transceiver.setCodecPreferences([
      ...codecs.filter(isVP8),
      ...codecs.filter((codec) => !isVP8(codec)),
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
