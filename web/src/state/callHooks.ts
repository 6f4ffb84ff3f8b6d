import { useSyncExternalStore } from "react";
import type { LocalMedia, MediaState } from "./callMedia";
import type { CallSession, SessionState } from "./callSession";

/** The session's present state; renders again on each change. */
export function useSession(session: CallSession): SessionState {
  return useSyncExternalStore(session.subscribe, session.getSnapshot);
}

/** The state of one's own devices. */
export function useMedia(media: LocalMedia): MediaState {
  return useSyncExternalStore(media.subscribe, media.getSnapshot);
}
