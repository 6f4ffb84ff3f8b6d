import type { ErrorCode } from "./protocol.ts";

/** The server has refused a request. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** There is no line, or it was lost before the answer: the outcome is unknown. */
export class OfflineError extends Error {
  override readonly name = "OfflineError";
}

/**
 * Thrown by a ticket function to say that trying again is no use: the person is signed out, or
 * the consultation has ended. The reason becomes the link's or the call's.
 */
export class StopError extends Error {
  override readonly name = "StopError";
  readonly reason: string;

  constructor(reason: string) {
    super(`stopped: ${reason}`);
    this.reason = reason;
  }
}

/** The call is over; a pending join ends with this. */
export class EndedError extends Error {
  override readonly name = "EndedError";
  readonly reason: string;

  constructor(reason: string) {
    super(`the call has ended: ${reason}`);
    this.reason = reason;
  }
}

/** Codes after which the same request can't succeed with a new grant either. */
export function isFinal(code: ErrorCode): boolean {
  switch (code) {
    case "revoked":
    case "room_closed":
    case "forbidden":
    case "grant_wrong_kind":
    case "grant_wrong_room":
    case "grant_wrong_person":
    case "unsupported_version":
      return true;
    default:
      return false;
  }
}
