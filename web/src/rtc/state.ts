import type {
  ChatMessage,
  MediaKind,
  MediaState,
  Participant,
  Source,
  Speaker,
} from "./protocol.ts";

export type CallPhase = "idle" | "joining" | "lobby" | "connected" | "reconnecting" | "ended";

/**
 * Why a call is over: left by the person, replaced by another device or page, kicked, revoked
 * (signed out), or the server's reason for closing the room, such as "finished". A call that
 * couldn't be joined ends with the error code, or with "failed".
 */
export type EndedReason =
  | "left"
  | "replaced"
  | "kicked"
  | "revoked"
  | "finished"
  | "failed"
  | (string & {});

export interface CallParticipant extends Participant {
  readonly self: boolean;
}

export interface CallTrack {
  readonly id: string;
  readonly participant: string;
  readonly kind: MediaKind;
  readonly source: Source;
  readonly muted: boolean;
  /** Present while the track is on one of our receivers. */
  readonly mediaTrack?: MediaStreamTrack | undefined;
}

export interface LocalTrack {
  readonly mediaTrack?: MediaStreamTrack | undefined;
  /** Muted by the person. Survives every reconnect. */
  readonly muted: boolean;
  /** The device has stopped by itself: unplugged, taken by another app, or after a phone call. */
  readonly ended: boolean;
}

export interface ChatEntry extends ChatMessage {
  /** pending: not yet acknowledged by the server; failed: refused for good. */
  readonly status: "sent" | "pending" | "failed";
}

/** Measured every 2 s; null until known. */
export interface Quality {
  /** bit/s sent and received. */
  readonly up: number | null;
  readonly down: number | null;
  readonly rttMs: number | null;
  /** Loss in the last interval in percent: up as the server reports it, and down. */
  readonly lossUpPct: number | null;
  readonly lossPct: number | null;
  /** Freezes of received video since the call began. */
  readonly freezes: number;
  /** 0 unknown, 1 bad, 2 poor, 3 good. */
  readonly score: 0 | 1 | 2 | 3;
}

export interface CallMedia {
  readonly state: MediaState;
  /** Media flows through a relay, and over which protocol; empty when direct. */
  readonly relay: "" | "udp" | "tcp" | "tls";
}

export interface CallState {
  readonly phase: CallPhase;
  readonly endedReason?: EndedReason | undefined;
  readonly room: string;
  readonly self?: CallParticipant | undefined;
  /** Everybody in the room, oneself first. */
  readonly participants: readonly CallParticipant[];
  /** Tracks of the others. */
  readonly tracks: readonly CallTrack[];
  readonly local: {
    readonly microphone: LocalTrack;
    readonly camera: LocalTrack;
    readonly screen: LocalTrack;
  };
  /** In the room's order; one's own pending messages last. */
  readonly chat: readonly ChatEntry[];
  readonly media: CallMedia;
  readonly quality: Quality;
  readonly speakers: readonly Speaker[];
}

const off: LocalTrack = { muted: false, ended: false };

export const unknownQuality: Quality = {
  up: null,
  down: null,
  rttMs: null,
  lossUpPct: null,
  lossPct: null,
  freezes: 0,
  score: 0,
};

export const initialState: CallState = {
  phase: "idle",
  room: "",
  participants: [],
  tracks: [],
  local: { microphone: off, camera: off, screen: off },
  chat: [],
  media: { state: "new", relay: "" },
  quality: unknownQuality,
  speakers: [],
};

/** What the server's join endpoint answers. */
export interface JoinTicket {
  grant: string;
  room: string;
  lobby: boolean;
  iceServers: RTCIceServer[];
}

export interface JoinOptions {
  /** Called for the first join and for each later one: grants are single-use. */
  grant: () => Promise<JoinTicket>;
  audio?: MediaStreamTrack | null | undefined;
  video?: MediaStreamTrack | null | undefined;
  /** Start muted. The tracks are sent, but nobody gets them. */
  muted?: { microphone?: boolean; camera?: boolean } | undefined;
  /** relay makes the browser use TURN only, as a connection test does. */
  transport?: RTCIceTransportPolicy | undefined;
}

export type LocalSource = "microphone" | "camera" | "screen";

/** The surface of Call that views use. Call implements it; tests may fake it. */
export interface CallHandle {
  /** Resolves when in the room or its lobby; rejects with the reason when that is refused. */
  join(options: JoinOptions): Promise<void>;
  leave(): Promise<void>;
  /** Puts another device's track in place, or none, without renegotiation when possible. */
  setTrack(source: "microphone" | "camera", track: MediaStreamTrack | null): Promise<void>;
  setMuted(source: LocalSource, muted: boolean): void;
  shareScreen(video: MediaStreamTrack, audio?: MediaStreamTrack): Promise<void>;
  stopScreen(): Promise<void>;
  /** Shows up in the snapshot at once, and is sent exactly once, in order, when there is a line. */
  sendChat(text: string): void;
  /** How large a track is drawn, in device pixels; the server picks the layer. */
  setView(trackId: string, height: number, visible: boolean): void;
  /** Try to mend the media path now, as on the person's wish or the network's change. */
  restart(): void;
  /** Immutable: a new object for each change, the same one otherwise. */
  getSnapshot(): CallState;
  subscribe(listener: () => void): () => void;
}
