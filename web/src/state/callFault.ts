/** Why a camera or microphone does not start, by what the person can do about it. */
export type DeviceFault =
  | "denied"
  | "dismissed"
  | "system"
  | "missing"
  | "busy"
  | "unsuitable"
  | "insecure"
  | "unsupported"
  | "unknown";

/** Names the fault of getUserMedia. Browsers differ in names and agree in meaning. */
export function faultOf(error: unknown): DeviceFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const text = error instanceof Error || error instanceof DOMException ? error.message : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      // Chrome tells its three refusals apart in the message only.
      if (/system/i.test(text)) return "system";
      if (/dismiss/i.test(text)) return "dismissed";
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "OverconstrainedError":
    case "ConstraintNotSatisfiedError":
      return "unsuitable";
    case "SecurityError":
      return "insecure";
    case "NotSupportedError":
    case "TypeError":
      return "unsupported";
    default:
      return "unknown";
  }
}
