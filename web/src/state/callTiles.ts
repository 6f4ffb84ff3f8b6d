import type { CallParticipant, CallState, CallTrack } from "../rtc";

/** A camera's picture as a tile shows it. */
export interface Picture {
  id: string;
  track: MediaStreamTrack | undefined;
  muted: boolean;
}

/** One person on the stage. */
export interface TileModel {
  id: string;
  name: string;
  role: string;
  self: boolean;
  /** One's own picture is shown as in a mirror, unless the camera looks away from the person. */
  mirror: boolean;
  camera: Picture | undefined;
  /** True also when the person has no microphone at all. */
  micMuted: boolean;
  speaking: boolean;
}

/** A shared screen. */
export interface Share {
  id: string;
  participant: string;
  name: string;
  self: boolean;
  track: MediaStreamTrack | undefined;
}

/** Speakers below this level (0 silent, 127 loudest) get no ring: breathing is not speech. */
const speakingFrom = 60;

function trackOf(state: CallState, participant: string, source: string): CallTrack | undefined {
  return state.tracks.find((track) => track.participant === participant && track.source === source);
}

function remote(state: CallState, person: CallParticipant): TileModel {
  const camera = trackOf(state, person.identity, "camera");
  const microphone = trackOf(state, person.identity, "microphone");
  return {
    id: person.identity,
    name: person.name,
    role: person.role,
    self: false,
    mirror: false,
    camera: camera && { id: camera.id, track: camera.mediaTrack, muted: camera.muted },
    micMuted: microphone?.muted ?? true,
    speaking: !microphone?.muted && speaks(state, person.identity),
  };
}

function speaks(state: CallState, identity: string): boolean {
  return state.speakers.some(
    (speaker) => speaker.participant === identity && speaker.level >= speakingFrom,
  );
}

/** The people in the consultation, oneself included; those in the waiting room are not. */
export function tiles(state: CallState, facing: "user" | "environment" = "user"): TileModel[] {
  const { self, local } = state;
  const people = state.participants
    .filter((person) => !person.self && !person.lobby)
    .map((person) => remote(state, person));
  if (!self) return people;
  const { camera, microphone } = local;
  const own: TileModel = {
    id: self.identity,
    name: self.name,
    role: self.role,
    self: true,
    mirror: facing === "user",
    camera: camera.mediaTrack && { id: "", track: camera.mediaTrack, muted: camera.muted },
    micMuted: microphone.muted || !microphone.mediaTrack,
    speaking: !microphone.muted && speaks(state, self.identity),
  };
  return [...people, own];
}

/** Who waits to be admitted, in the order of arrival that the server keeps. */
export function waiting(state: CallState): CallParticipant[] {
  return state.participants.filter((person) => person.lobby && !person.self);
}

/** The screen on show; another person's comes before one's own. */
export function share(state: CallState): Share | undefined {
  for (const track of state.tracks) {
    if (track.source !== "screen" || track.muted) continue;
    const person = state.participants.find((one) => one.identity === track.participant);
    if (!person) continue;
    return {
      id: track.id,
      participant: person.identity,
      name: person.name,
      self: false,
      track: track.mediaTrack,
    };
  }
  const { self, local } = state;
  if (!self || !local.screen.mediaTrack || local.screen.ended) return undefined;
  return {
    id: "",
    participant: self.identity,
    name: self.name,
    self: true,
    track: local.screen.mediaTrack,
  };
}

/** Sound of the others, each to be played once. */
export function sounds(state: CallState): { id: string; track: MediaStreamTrack }[] {
  return state.tracks.flatMap((track) =>
    track.kind === "audio" && track.mediaTrack && !track.muted
      ? [{ id: track.id, track: track.mediaTrack }]
      : [],
  );
}

/** What changed between two snapshots, for the live region and the short sounds. */
export type News =
  | { kind: "joined" | "left" | "waiting"; name: string }
  | { kind: "message"; name: string }
  | { kind: "shareBy"; name: string };

/** Lists the news; nothing while the first snapshot or a reconnect fills the room. */
export function news(before: CallState, after: CallState): News[] {
  if (before.phase !== "connected" || after.phase !== "connected") return [];
  const found: News[] = [];
  const old = new Map(before.participants.map((person) => [person.identity, person]));
  for (const person of after.participants) {
    if (person.self) continue;
    const was = old.get(person.identity);
    if (person.lobby && !was?.lobby) found.push({ kind: "waiting", name: person.name });
    if (!person.lobby && (!was || was.lobby)) found.push({ kind: "joined", name: person.name });
  }
  const present = new Set(after.participants.map((person) => person.identity));
  for (const person of before.participants) {
    if (!person.self && !person.lobby && !present.has(person.identity)) {
      found.push({ kind: "left", name: person.name });
    }
  }
  const seen = before.chat.reduce((most, entry) => Math.max(most, entry.seq), 0);
  for (const entry of after.chat) {
    if (entry.status === "sent" && entry.seq > seen && entry.sender !== after.self?.identity) {
      found.push({ kind: "message", name: entry.senderName });
    }
  }
  const shown = share(after);
  if (shown && !shown.self && share(before)?.id !== shown.id) {
    found.push({ kind: "shareBy", name: shown.name });
  }
  return found;
}

/** How many messages of others came after the one that was seen last. */
export function unread(state: CallState, seenSeq: number): number {
  return state.chat.filter(
    (entry) =>
      entry.status === "sent" && entry.seq > seenSeq && entry.sender !== state.self?.identity,
  ).length;
}
