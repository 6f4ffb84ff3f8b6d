import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { decode, isReply, type Request, type ServerMessage, seqOf } from "./protocol.ts";

// The same files are decoded and encoded by the server's tests. Here each is compared with a
// value that the compiler has checked against our types.
const dir = resolve(import.meta.dirname, "../../../signaling/testdata");
const read = (name: string): unknown => JSON.parse(readFileSync(resolve(dir, name), "utf8"));
const files = readdirSync(dir).filter((name) => name.endsWith(".json"));

const offer = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n…";
const answer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n…";
const session = "4gx1k2j6b0w8r5v3n7t9q2m0zc";
const secret = "0h5r8w2k9x4m1c7v3b6n0q5t8j2g4z7y1d3f6p9s0a2e5r8w4k7m";
const room = "6z3v0p9k2m5x8c1b4n7q0t3w6g";
const doctor = {
  identity: "7m2c5x8b1n4q0w3r6t9k2v5j8g",
  name: "Irina Volkova",
  role: "practitioner",
  lobby: false,
  media: "connected",
} as const;
const patient = {
  identity: "2k5v8j1g4z7y0d3f6p9s2a5e8r",
  name: "Пётр Смирнов",
  role: "patient",
  lobby: true,
  media: "new",
} as const;
const audio = {
  id: "t-1f",
  participant: doctor.identity,
  kind: "audio",
  source: "microphone",
  muted: false,
} as const;
const video = { ...audio, id: "t-2a", kind: "video", source: "camera" } as const;
const message = {
  id: "9q4t7w0r3k6m1x8c5v2b0n3j6g",
  seq: 12,
  clientId: "b2c9",
  sender: doctor.identity,
  senderName: doctor.name,
  senderRole: doctor.role,
  at: "2026-03-04T09:31:07.125Z",
  text: "Good morning! Can you hear me?",
};
const fileMessage = {
  id: "3w6g9z2v5p8k1m4x7c0b3n6q9t",
  seq: 13,
  sender: patient.identity,
  senderName: patient.name,
  senderRole: patient.role,
  at: "2026-03-04T09:33:40Z",
  text: "",
  file: {
    id: "8c1b4n7q0t3w6g9z2v5p8k1m4x",
    name: "Анализ крови.pdf",
    mime: "application/pdf",
    size: 48_213,
  },
};
const slots = [
  { mid: "2", kind: "audio" as const, track: "t-1f" },
  { mid: "3", kind: "audio" as const, track: "" },
  { mid: "4", kind: "video" as const, track: "t-2a" },
];

const requests: Record<string, Request & { id: number }> = {
  hello: { type: "hello", id: 1, v: 1, grant: "g1.eyJpZCI6Ii4uLiJ9.Zm9v" },
  hello_resume: { type: "hello", id: 1, v: 1, resume: { session, secret, seq: 41 } },
  join: {
    type: "join",
    id: 2,
    grant: "g1.eyJpZCI6Ii4uLiJ9.YmFy",
    room,
    sdp: offer,
    tracks: [
      { mid: "0", source: "microphone", muted: false },
      { mid: "1", source: "camera", muted: true },
    ],
  },
  offer: {
    type: "offer",
    id: 5,
    sdp: offer,
    tracks: [
      { mid: "0", source: "microphone", muted: false },
      { mid: "5", source: "screen", muted: false },
    ],
  },
  candidate: {
    type: "candidate",
    id: 6,
    candidate: "candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host",
    mid: "0",
  },
  mute: { type: "mute", id: 7, source: "microphone", muted: true },
  view: { type: "view", id: 8, track: "t-2a", height: 360, visible: true },
  keyframe: { type: "keyframe", id: 9, track: "t-2a" },
  chat: { type: "chat", id: 10, clientId: "b2c9", text: "Good morning! Can you hear me?" },
  leave: { type: "leave", id: 11 },
  ping: { type: "ping", id: 12 },
};

const messages: Record<string, ServerMessage> = {
  reply_welcome: {
    type: "welcome",
    id: 1,
    v: 1,
    session,
    secret,
    seq: 0,
    resumed: false,
    heartbeatSec: 15,
  },
  reply_joined: {
    type: "joined",
    id: 2,
    room,
    self: { ...doctor, media: "new" },
    lobby: false,
    participants: [patient],
    tracks: [],
    slots: [],
    chat: [message],
    sdp: answer,
  },
  reply_answer: { type: "answer", id: 5, sdp: answer },
  reply_ok: { type: "ok", id: 7 },
  reply_ok_chat: { type: "ok", id: 10, seq: 12, message: message.id },
  reply_error: { type: "error", id: 2, code: "grant_expired", message: "the grant has expired" },
  reply_error_malformed: {
    type: "error",
    code: "malformed",
    message: "the message is not valid JSON",
  },
  event_participant_joined: { seq: 1, type: "participant_joined", participant: patient },
  event_participant_changed: {
    seq: 2,
    type: "participant_changed",
    participant: { ...patient, lobby: false, media: "connected" },
  },
  event_participant_left: { seq: 3, type: "participant_left", identity: patient.identity },
  event_track_added: { seq: 4, type: "track_added", track: audio },
  event_track_changed: { seq: 5, type: "track_changed", track: { ...audio, muted: true } },
  event_track_removed: { seq: 6, type: "track_removed", trackId: "t-1f" },
  event_slots: { seq: 7, type: "slots", slots },
  event_negotiate: { seq: 8, type: "negotiate", audio: 0, video: 2 },
  event_admitted: {
    seq: 9,
    type: "admitted",
    participants: [doctor],
    tracks: [audio, video],
    slots,
    chat: [message, fileMessage],
  },
  event_speakers: { type: "speakers", speakers: [{ participant: doctor.identity, level: 96 }] },
  event_layers: { seq: 10, type: "layers", layers: [{ mid: "1", rids: ["q", "h"] }] },
  event_media: { seq: 11, type: "media", state: "disconnected" },
  event_chat: { seq: 12, type: "chat", message },
  event_chat_file: { seq: 13, type: "chat", message: fileMessage },
  event_live: {
    seq: 14,
    type: "live",
    topic: "clinic/5v8j1g4z7y0d3f6p9s2a5e8r1k/appointments",
    kind: "appointment",
    id: "1b4n7q0t3w6g9z2v5p8k1m4x7c",
    version: 7,
  },
  event_removed: { seq: 15, type: "removed", reason: "replaced" },
  event_room_closed: { seq: 16, type: "room_closed", reason: "finished" },
  event_going_away: { seq: 17, type: "going_away", reconnectAfterMs: 1840 },
};

test.each(files)("%s is as our types say", (file) => {
  const name = file.replace(/\.json$/, "");
  const own = name.startsWith("request_")
    ? requests[name.slice("request_".length)]
    : messages[name];
  expect(own).toBeDefined();
  expect(read(file)).toEqual(own);
});

test("every typed message has its file", () => {
  const names = [
    ...Object.keys(requests).map((name) => `request_${name}`),
    ...Object.keys(messages),
  ];
  expect(names.map((name) => `${name}.json`).sort()).toEqual([...files].sort());
});

test.each(Object.entries(messages))("%s is decoded", (name, own) => {
  const decoded = decode(JSON.stringify(own));
  expect(decoded).toEqual(own);
  expect(decoded && isReply(decoded)).toBe(name.startsWith("reply_"));
  expect(decoded && seqOf(decoded)).toBe(
    name.startsWith("reply_") || name === "event_speakers" ? 0 : (own as { seq: number }).seq,
  );
});

test.each(["", "{", "null", "7", "[]", '"ok"', "{}", '{"type":7}', '{"type":"hologram","seq":1}'])(
  "%j is ignored",
  (text) => {
    expect(decode(text)).toBeNull();
  },
);
