export { Call, type CallOptions } from "./call.ts";
export * from "./devices.ts";
export { EndedError, OfflineError, RequestError, StopError } from "./errors.ts";
export {
  Link,
  type LinkOptions,
  type LinkState,
  type LinkStatus,
  type SocketLike,
} from "./link.ts";
export { browserHints, type NetworkHint, type NetworkHints } from "./network.ts";
export * from "./playback.ts";
export * from "./protocol.ts";
export * from "./state.ts";
