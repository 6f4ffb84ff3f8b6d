/**
 * What a reload of the page must not undo: mutes, chosen devices and being in
 * the room. Kept for this tab only; holds nothing about the person.
 */

export interface Memory {
  micMuted: boolean;
  cameraMuted: boolean;
  cameraId: string;
  microphoneId: string;
  speakerId: string;
  /** Takes part without a camera or without any device at all. */
  take: Take;
  /** The consultation that this way of taking part was chosen for. */
  takeFor: string;
  /** The room the tab is in: after a reload it goes straight back. */
  room: string;
  shortcuts: boolean;
  sounds: boolean;
}

/** How one takes part: with sound and picture, sound only, or in writing only. */
export type Take = "video" | "audio" | "chat";

export const fresh: Memory = {
  micMuted: false,
  cameraMuted: false,
  cameraId: "",
  microphoneId: "",
  speakerId: "",
  take: "video",
  takeFor: "",
  room: "",
  shortcuts: true,
  sounds: true,
};

const key = "consilium.call";

/** The part of Storage that is used; a browser may refuse each call (private windows, policy). */
export type Shelf = Pick<Storage, "getItem" | "setItem">;

/** Reads what was kept; whatever is missing, foreign or refused gives the fresh value. */
export function recall(shelf: Shelf | undefined): Memory {
  let kept: unknown;
  try {
    kept = JSON.parse(shelf?.getItem(key) ?? "null");
  } catch {
    return fresh;
  }
  if (typeof kept !== "object" || kept === null) return fresh;
  const raw = kept as Record<string, unknown>;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  const flag = (value: unknown, otherwise: boolean): boolean =>
    typeof value === "boolean" ? value : otherwise;
  return {
    micMuted: flag(raw.micMuted, fresh.micMuted),
    cameraMuted: flag(raw.cameraMuted, fresh.cameraMuted),
    cameraId: text(raw.cameraId),
    microphoneId: text(raw.microphoneId),
    speakerId: text(raw.speakerId),
    take: raw.take === "audio" || raw.take === "chat" ? raw.take : fresh.take,
    takeFor: text(raw.takeFor),
    room: text(raw.room),
    shortcuts: flag(raw.shortcuts, fresh.shortcuts),
    sounds: flag(raw.sounds, fresh.sounds),
  };
}

/** Keeps a change beside what was kept before, and returns the whole. */
export function remember(shelf: Shelf | undefined, change: Partial<Memory>): Memory {
  const next = { ...recall(shelf), ...change };
  try {
    shelf?.setItem(key, JSON.stringify(next));
  } catch {
    // A full or forbidden storage costs only the comfort after a reload.
  }
  return next;
}

/** The tab's own storage, or nothing where the browser forbids it. */
export function tabShelf(): Shelf | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
