// The wire messages of docs/protocol.md, version 1. Golden examples of each are in
// signaling/testdata and checked against these types and against the server's.

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = "consilium.v1";

export type Source = "microphone" | "camera" | "screen" | "screen-audio";
export type MediaKind = "audio" | "video";
export type MediaState = "new" | "connected" | "disconnected" | "failed";
export type Role =
  | "practitioner"
  | "patient"
  | "guest"
  | "clinic_admin"
  | "registrar"
  | "accountant";

export interface TrackMeta {
  mid: string;
  source: Source;
  muted: boolean;
}

export interface Participant {
  identity: string;
  name: string;
  role: Role;
  lobby: boolean;
  media: MediaState;
}

export interface Track {
  id: string;
  participant: string;
  kind: MediaKind;
  source: Source;
  muted: boolean;
}

export interface Slot {
  mid: string;
  kind: MediaKind;
  /** Id of the track that arrives on this media section, "" when none does. */
  track: string;
}

export interface Speaker {
  participant: string;
  /** 0 silent … 127 loudest. */
  level: number;
}

export interface Layers {
  mid: string;
  rids: string[];
}

export interface ChatFile {
  id: string;
  name: string;
  mime: string;
  /** Bytes. */
  size: number;
}

export interface ChatMessage {
  id: string;
  seq: number;
  clientId?: string;
  sender: string;
  senderName: string;
  senderRole: Role;
  /** RFC 3339, UTC. */
  at: string;
  text: string;
  file?: ChatFile;
}

// Requests, without the number that Link gives them.

export interface HelloRequest {
  type: "hello";
  v: number;
  grant?: string;
  resume?: { session: string; secret: string; seq: number };
}

export interface JoinRequest {
  type: "join";
  grant: string;
  room?: string;
  sdp?: string;
  tracks?: TrackMeta[];
}

export interface OfferRequest {
  type: "offer";
  sdp: string;
  tracks?: TrackMeta[];
}

export interface CandidateRequest {
  type: "candidate";
  candidate: string;
  mid?: string;
}

export interface MuteRequest {
  type: "mute";
  source: Source;
  muted: boolean;
}

export interface ViewRequest {
  type: "view";
  track: string;
  /** Pixels, 0 for any. */
  height: number;
  visible: boolean;
}

export interface KeyframeRequest {
  type: "keyframe";
  track: string;
}

export interface ChatRequest {
  type: "chat";
  clientId: string;
  text: string;
}

export interface LeaveRequest {
  type: "leave";
}

export interface PingRequest {
  type: "ping";
}

export type Request =
  | HelloRequest
  | JoinRequest
  | OfferRequest
  | CandidateRequest
  | MuteRequest
  | ViewRequest
  | KeyframeRequest
  | ChatRequest
  | LeaveRequest
  | PingRequest;

// Replies.

export interface WelcomeReply {
  type: "welcome";
  id: number;
  v: number;
  session: string;
  secret: string;
  seq: number;
  resumed: boolean;
  heartbeatSec: number;
}

export interface RoomContents {
  participants: Participant[];
  tracks: Track[];
  slots: Slot[];
  chat: ChatMessage[];
}

export interface JoinedReply extends RoomContents {
  type: "joined";
  id: number;
  room: string;
  self: Participant;
  lobby: boolean;
  sdp?: string;
}

export interface AnswerReply {
  type: "answer";
  id: number;
  sdp: string;
}

export interface OkReply {
  type: "ok";
  id: number;
  /** Of a chat request: the message's number in the room, and its id. */
  seq?: number;
  message?: string;
}

export type ErrorCode =
  | "malformed"
  | "unknown_type"
  | "invalid"
  | "unsupported_version"
  | "hello_first"
  | "already_greeted"
  | "grant_invalid"
  | "grant_expired"
  | "grant_used"
  | "grant_wrong_kind"
  | "grant_wrong_room"
  | "grant_wrong_person"
  | "revoked"
  | "resume_failed"
  | "not_joined"
  | "already_joined"
  | "in_lobby"
  | "bad_sdp"
  | "forbidden"
  | "unknown_source"
  | "room_full"
  | "room_closed"
  | "rate_limited"
  | "busy"
  | "unavailable"
  | "internal";

export interface ErrorReply {
  type: "error";
  /** Absent when the server couldn't tell which request it was. */
  id?: number;
  code: ErrorCode;
  message: string;
}

export type Reply = WelcomeReply | JoinedReply | AnswerReply | OkReply | ErrorReply;

/** What a request is answered with when it isn't refused. */
export interface ReplyOf {
  hello: WelcomeReply;
  join: JoinedReply;
  offer: AnswerReply;
  candidate: OkReply;
  mute: OkReply;
  view: OkReply;
  keyframe: OkReply;
  chat: OkReply;
  leave: OkReply;
  ping: OkReply;
}

// Events. seq counts them within the session; those without one aren't kept for a resume.

interface Sequenced {
  seq: number;
}

export interface ParticipantJoinedEvent extends Sequenced {
  type: "participant_joined";
  participant: Participant;
}

export interface ParticipantChangedEvent extends Sequenced {
  type: "participant_changed";
  participant: Participant;
}

export interface ParticipantLeftEvent extends Sequenced {
  type: "participant_left";
  identity: string;
}

export interface TrackAddedEvent extends Sequenced {
  type: "track_added";
  track: Track;
}

export interface TrackChangedEvent extends Sequenced {
  type: "track_changed";
  track: Track;
}

export interface TrackRemovedEvent extends Sequenced {
  type: "track_removed";
  trackId: string;
}

export interface SlotsEvent extends Sequenced {
  type: "slots";
  slots: Slot[];
}

export interface NegotiateEvent extends Sequenced {
  type: "negotiate";
  audio: number;
  video: number;
}

export interface AdmittedEvent extends Sequenced, RoomContents {
  type: "admitted";
}

export interface SpeakersEvent {
  type: "speakers";
  speakers: Speaker[];
}

export interface LayersEvent extends Sequenced {
  type: "layers";
  layers: Layers[];
}

export interface MediaEvent extends Sequenced {
  type: "media";
  state: MediaState;
}

export interface ChatEvent extends Sequenced {
  type: "chat";
  message: ChatMessage;
}

/** A record has changed; fetch it if it is on screen. */
export interface LiveEvent extends Sequenced {
  type: "live";
  topic: string;
  kind: string;
  id: string;
  version: number;
}

export type RemovedReason = "replaced" | "kicked" | "revoked" | "media";

export interface RemovedEvent extends Sequenced {
  type: "removed";
  reason: RemovedReason;
}

export interface RoomClosedEvent extends Sequenced {
  type: "room_closed";
  reason: string;
}

export interface GoingAwayEvent extends Sequenced {
  type: "going_away";
  reconnectAfterMs: number;
}

export type ServerEvent =
  | ParticipantJoinedEvent
  | ParticipantChangedEvent
  | ParticipantLeftEvent
  | TrackAddedEvent
  | TrackChangedEvent
  | TrackRemovedEvent
  | SlotsEvent
  | NegotiateEvent
  | AdmittedEvent
  | SpeakersEvent
  | LayersEvent
  | MediaEvent
  | ChatEvent
  | LiveEvent
  | RemovedEvent
  | RoomClosedEvent
  | GoingAwayEvent;

export type ServerMessage = Reply | ServerEvent;

/** WebSocket close codes beyond RFC 6455's own. */
export const CLOSE_HELLO = 4001;
export const CLOSE_SUPERSEDED = 4002;
export const CLOSE_REVOKED = 4003;
export const CLOSE_FLOOD = 4008;
export const CLOSE_SLOW = 4009;

const replyTypes: ReadonlySet<string> = new Set<Reply["type"]>([
  "welcome",
  "joined",
  "answer",
  "ok",
  "error",
]);

const eventTypes: ReadonlySet<string> = new Set<ServerEvent["type"]>([
  "participant_joined",
  "participant_changed",
  "participant_left",
  "track_added",
  "track_changed",
  "track_removed",
  "slots",
  "negotiate",
  "admitted",
  "speakers",
  "layers",
  "media",
  "chat",
  "live",
  "removed",
  "room_closed",
  "going_away",
]);

export function isReply(m: ServerMessage): m is Reply {
  return replyTypes.has(m.type);
}

/** decode returns null for what isn't a message of this version: such are ignored. */
export function decode(text: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) {
    return null;
  }
  const type = value.type;
  if (typeof type !== "string" || !(replyTypes.has(type) || eventTypes.has(type))) {
    return null;
  }
  return value as ServerMessage;
}

/** seqOf returns the event's number, 0 when it has none. */
export function seqOf(m: ServerMessage): number {
  return !isReply(m) && "seq" in m ? m.seq : 0;
}
