import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Call } from "./call.ts";
import { RequestError, StopError } from "./errors.ts";
import { Link } from "./link.ts";
import type { JoinedReply, ServerMessage } from "./protocol.ts";
import type { CallState, JoinTicket } from "./state.ts";
import { FakePeer, FakeTrack } from "./testing/peer.ts";
import { FakeServer, type Sent } from "./testing/socket.ts";

let server: FakeServer;
let link: Link;
let call: Call;
let peers: FakePeer[];
let grants: number;
let grant: () => Promise<JoinTicket>;
let networkChanged: () => void;
let phases: CallState["phase"][];
let microphone: FakeTrack;
let camera: FakeTrack;

const doctor = { identity: "d", name: "D", role: "practitioner", lobby: false, media: "connected" };
const audio = { id: "ta", participant: "d", kind: "audio", source: "microphone", muted: false };
const video = { id: "tv", participant: "d", kind: "video", source: "camera", muted: false };
const slots = [
  { mid: "2", kind: "audio", track: "ta" },
  { mid: "4", kind: "video", track: "tv" },
];

/** What the room holds for who joins. */
let joined: (request: Sent) => ServerMessage;

const contents = (lobby: boolean) => ({
  participants: lobby ? [] : [doctor],
  tracks: lobby ? [] : [audio, video],
  slots: lobby ? [] : slots,
  chat: [],
});

const enter =
  (lobby: boolean) =>
  (request: Sent): ServerMessage =>
    ({
      type: "joined",
      id: request.id,
      room: "e",
      self: { identity: "p", name: "P", role: "patient", lobby, media: "new" },
      lobby,
      sdp: "answer",
      ...contents(lobby),
    }) as JoinedReply;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  peers = [];
  grants = 0;
  phases = [];
  grant = async () => ({ grant: `grant ${++grants}`, room: "e", lobby: false, iceServers: [] });
  joined = enter(false);
  server.on = (request) => {
    switch (request.type) {
      case "join":
        return joined(request);
      case "offer":
        return { type: "answer", id: request.id, sdp: "answer" };
      case "chat":
        return { type: "ok", id: request.id, seq: 1, message: `m-${request.clientId}` };
      default:
        return undefined;
    }
  };
  link = new Link({
    url: "ws://x/ws",
    ticket: async () => "ticket",
    makeSocket: server.make,
    random: () => 0,
    network: () => () => {},
  });
  call = new Call(link, {
    makePeer: (config) => {
      const peer = new FakePeer(config);
      peers.push(peer);
      return peer.pc;
    },
    random: () => 0,
    network: (changed) => {
      networkChanged = changed;
      return () => {};
    },
  });
  call.subscribe(() => {
    const { phase } = call.getSnapshot();
    if (phases.at(-1) !== phase) {
      phases.push(phase);
    }
  });
  microphone = new FakeTrack("audio", "mic");
  camera = new FakeTrack("video", "cam");
});

afterEach(async () => {
  await call.leave();
  link.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const state = () => call.getSnapshot();
const peer = () => {
  const last = peers.at(-1);
  if (!last) {
    throw new Error("no connection was made");
  }
  return last;
};
const join = () =>
  call.join({ grant: () => grant(), audio: microphone.media, video: camera.media });

async function meet(): Promise<void> {
  await join();
  peer().ice("connected");
  await pass(0);
}

test("joins with one offer: what is sent first, then spare slots", async () => {
  await meet();
  const [request] = server.of("join");
  expect(request).toMatchObject({
    grant: "grant 1",
    room: "e",
    sdp: "offer 1",
    tracks: [
      { mid: "0", source: "microphone", muted: false },
      { mid: "1", source: "camera", muted: false },
    ],
  });
  expect(peer().transceivers.map((t) => `${t.receiver.track.kind} ${t.direction}`)).toEqual([
    "audio sendonly",
    "video sendonly",
    "audio recvonly",
    "audio recvonly",
    "video recvonly",
    "video recvonly",
    "video recvonly",
  ]);
  expect(peer().transceivers[1]?.sender.encodings.map((e) => e.rid)).toEqual(["q", "h", "f"]);
  expect(peer().answers).toEqual(["answer"]);
  expect(phases).toEqual(["joining", "connected"]);
  expect(state().participants.map((p) => [p.identity, p.self])).toEqual([
    ["p", true],
    ["d", false],
  ]);
  expect(state().tracks.map((t) => [t.id, t.mediaTrack?.id])).toEqual([
    ["ta", "in2"],
    ["tv", "in4"],
  ]);
  expect(state().media.state).toBe("connected");
});

test("waits in the lobby until admitted", async () => {
  joined = enter(true);
  await join();
  expect(state()).toMatchObject({ phase: "lobby", participants: [{ self: true, lobby: true }] });
  server.event({ type: "admitted", ...contents(false) });
  expect(state().phase).toBe("connected");
  expect(state().participants).toHaveLength(2);
  expect(state().tracks[1]?.mediaTrack?.id).toBe("in4");
});

test("joins without any device", async () => {
  await call.join({ grant: () => grant() });
  expect(server.of("join")[0]?.tracks).toEqual([]);
  expect(state().phase).toBe("connected");
  await call.setTrack("microphone", microphone.media);
  await pass(0);
  expect(server.of("offer")[0]?.tracks).toEqual([{ mid: "5", source: "microphone", muted: false }]);
});

test("follows who comes, goes and changes", async () => {
  await meet();
  const guest = { ...doctor, identity: "g", role: "guest" };
  server.event({ type: "participant_joined", participant: guest });
  server.event({ type: "participant_changed", participant: { ...guest, media: "disconnected" } });
  expect(state().participants.at(-1)).toMatchObject({ identity: "g", media: "disconnected" });
  server.event({ type: "track_added", track: { ...audio, id: "tg", participant: "g" } });
  expect(state().tracks.at(-1)).toMatchObject({ id: "tg", mediaTrack: undefined });
  server.event({ type: "slots", slots: [...slots, { mid: "3", kind: "audio", track: "tg" }] });
  expect(state().tracks.at(-1)?.mediaTrack?.id).toBe("in3");
  server.event({ type: "track_changed", track: { ...audio, muted: true } });
  expect(state().tracks.map((t) => [t.id, t.muted])).toEqual([
    ["ta", true],
    ["tv", false],
    ["tg", false],
  ]);
  server.event({ type: "track_removed", trackId: "tg" });
  server.event({ type: "participant_left", identity: "g" });
  expect(state().tracks).toHaveLength(2);
  expect(state().participants).toHaveLength(2);
  server.socket.receive({ type: "speakers", speakers: [{ participant: "d", level: 90 }] });
  expect(state().speakers).toEqual([{ participant: "d", level: 90 }]);
});

test("snapshots are immutable and keep what hasn't changed", async () => {
  await meet();
  const before = state();
  const frozen = JSON.stringify(before);
  server.event({ type: "track_changed", track: { ...audio, muted: true } });
  const after = state();
  expect(after).not.toBe(before);
  expect(JSON.stringify(before)).toBe(frozen);
  expect(after.tracks[1]).toBe(before.tracks[1]);
  expect(after.participants).toBe(before.participants);
  expect(after.local.camera).toEqual(before.local.camera);
  server.event({ type: "slots", slots });
  expect(state().tracks).toBe(after.tracks);
});

test("mutes survive a resume, a new session and a new connection", async () => {
  await meet();
  call.setMuted("microphone", true);
  await pass(0);
  expect(microphone.enabled).toBe(false);
  expect(server.of("mute")).toMatchObject([{ source: "microphone", muted: true }]);

  server.requests.length = 0;
  server.socket.lose();
  call.setMuted("camera", true); // while the line is down
  await pass(300);
  expect(server.of("mute").map((m) => [m.source, m.muted])).toEqual([
    ["microphone", true],
    ["camera", true],
  ]);

  server.resumable = false;
  server.requests.length = 0;
  server.socket.lose();
  await pass(300);
  await pass(0);
  expect(server.of("join")[0]?.tracks).toEqual([
    { mid: "0", source: "microphone", muted: true },
    { mid: "1", source: "camera", muted: true },
  ]);
  expect(peers).toHaveLength(2);
  expect(peers[0]?.closed).toBe(true);
  expect(state().local.microphone.muted).toBe(true);
  expect(state().phase).toBe("connected");
  expect(grants).toBe(2);
});

test("a short loss of the line isn't shown, a long one is", async () => {
  await meet();
  server.socket.lose();
  await pass(300);
  expect(phases).toEqual(["joining", "connected"]);
  server.up = false;
  server.socket.lose();
  await pass(1300);
  expect(state().phase).toBe("reconnecting");
  expect(peer().closed).toBe(false);
  server.up = true;
  await pass(5000);
  expect(state().phase).toBe("connected");
  expect(server.of("join")).toHaveLength(1);
});

test("another device's track takes the place without negotiation", async () => {
  await meet();
  const other = new FakeTrack("audio", "headset");
  await call.setTrack("microphone", other.media);
  expect(peer().transceivers[0]?.sender.track).toBe(other.media);
  expect(state().local.microphone.mediaTrack).toBe(other.media);
  expect(server.of("offer")).toHaveLength(0);
  await call.setTrack("camera", null);
  expect(server.of("mute").at(-1)).toMatchObject({ source: "camera", muted: true });
  expect(state().local.camera).toEqual({ mediaTrack: undefined, muted: false, ended: false });
  await call.setTrack("camera", camera.media);
  expect(server.of("mute").at(-1)).toMatchObject({ source: "camera", muted: false });
});

test("shows that a device has ended by itself", async () => {
  await meet();
  microphone.end();
  expect(state().local.microphone.ended).toBe(true);
});

test("shares a screen, ends it with the browser's button, and shares again", async () => {
  await meet();
  const screen = new FakeTrack("video", "screen");
  await call.shareScreen(screen.media);
  await pass(0);
  expect(server.of("offer").at(-1)?.tracks?.at(-1)).toEqual({
    mid: "7",
    source: "screen",
    muted: false,
  });
  expect(state().local.screen.mediaTrack).toBe(screen.media);
  screen.end();
  await pass(0);
  expect(
    server
      .of("offer")
      .at(-1)
      ?.tracks?.map((t) => t.source),
  ).toEqual(["microphone", "camera"]);
  expect(state().local.screen.mediaTrack).toBeUndefined();
  await call.shareScreen(new FakeTrack("video", "again").media, new FakeTrack("audio", "s").media);
  await pass(0);
  expect(
    server
      .of("offer")
      .at(-1)
      ?.tracks?.map((t) => [t.source, t.mid]),
  ).toEqual([
    ["microphone", "0"],
    ["camera", "1"],
    ["screen", "7"],
    ["screen-audio", "8"],
  ]);
});

test("chat written offline is sent once and in order", async () => {
  await meet();
  server.up = false;
  server.socket.lose();
  call.sendChat("one");
  call.sendChat("two");
  call.sendChat("  ");
  call.sendChat("three");
  expect(state().chat.map((m) => [m.text, m.status])).toEqual([
    ["one", "pending"],
    ["two", "pending"],
    ["three", "pending"],
  ]);
  const stored: string[] = [];
  const byClientId = new Map<string, number>();
  const answer = server.on;
  server.on = (request) => {
    if (request.type !== "chat") {
      return answer(request);
    }
    let seq = byClientId.get(request.clientId);
    if (seq === undefined) {
      stored.push(request.text);
      seq = stored.length;
      byClientId.set(request.clientId, seq);
      if (seq === 2) {
        server.socket.lose(); // stored, but the answer is lost
        return "silent";
      }
    }
    return { type: "ok", id: request.id, seq, message: `m${seq}` };
  };
  server.up = true;
  await pass(10_000);
  expect(stored).toEqual(["one", "two", "three"]);
  expect(state().chat.map((m) => [m.id, m.text, m.status])).toEqual([
    ["m1", "one", "sent"],
    ["m2", "two", "sent"],
    ["m3", "three", "sent"],
  ]);
});

test("the own message's event and its answer make one entry, whichever comes first", async () => {
  await meet();
  const message = (clientId: string, id: string, seq: number) => ({
    type: "chat",
    message: {
      id,
      seq,
      clientId,
      sender: "p",
      senderName: "P",
      senderRole: "patient",
      at: "",
      text: id,
    },
  });
  const answer = server.on;
  server.on = (request) => {
    if (request.type === "chat" && request.text === "early") {
      server.event(message(request.clientId, "m1", 1));
      return { type: "ok", id: request.id, seq: 1, message: "m1" };
    }
    return answer(request);
  };
  call.sendChat("early");
  await pass(0);
  call.sendChat("late");
  await pass(0);
  const late = server.of("chat").at(-1)?.clientId ?? "";
  server.event(message(late, `m-${late}`, 2));
  expect(state().chat).toHaveLength(2);
});

test("a refused message is marked, the next one still goes out", async () => {
  await meet();
  const answer = server.on;
  server.on = (request) =>
    request.type === "chat" && request.text === "bad"
      ? { type: "error", id: request.id, code: "forbidden", message: "" }
      : answer(request);
  call.sendChat("bad");
  call.sendChat("good");
  await pass(0);
  expect(state().chat.map((m) => [m.text, m.status])).toEqual([
    ["good", "sent"],
    ["bad", "failed"],
  ]);
});

test("restarts ICE when the path is lost for 2 s", async () => {
  await meet();
  peer().ice("disconnected");
  await pass(1900);
  expect(server.of("offer")).toHaveLength(0);
  expect(state().media.state).toBe("connected");
  await pass(200);
  expect(peer().offers.at(-1)).toEqual({ iceRestart: true });
  expect(state().media.state).toBe("disconnected");
  peer().ice("connected");
  expect(state().media.state).toBe("connected");
  await pass(20_000);
  expect(server.of("offer")).toHaveLength(1);
});

test("a passing disconnect changes nothing", async () => {
  await meet();
  peer().ice("disconnected");
  await pass(1000);
  peer().ice("connected");
  await pass(20_000);
  expect(server.of("offer")).toHaveLength(0);
});

test("joins anew with fresh relays when restarts don't help", async () => {
  await meet();
  peer().ice("failed");
  await pass(30_000);
  expect(peers.length).toBeGreaterThanOrEqual(2);
  expect(peers[0]?.offers.filter((o) => o.iceRestart).length).toBeGreaterThanOrEqual(3);
  expect(grants).toBeGreaterThanOrEqual(2);
  peer().ice("connected");
  expect(state()).toMatchObject({ phase: "connected", media: { state: "connected" } });
});

test("restarts at once on another network, when the server misses us, and on wish", async () => {
  await meet();
  networkChanged();
  await pass(0);
  server.event({ type: "media", state: "disconnected" });
  expect(state().media.state).toBe("disconnected");
  await pass(0);
  server.event({ type: "media", state: "connected" });
  expect(state().media.state).toBe("connected");
  call.restart();
  await pass(0);
  expect(peer().offers.filter((o) => o.iceRestart)).toHaveLength(3);
});

test("an ICE restart waits for the line", async () => {
  await meet();
  server.up = false;
  server.socket.lose();
  peer().ice("failed");
  await pass(10_000);
  expect(peer().offers).toHaveLength(1);
  server.up = true;
  await pass(5000);
  expect(peer().offers.at(-1)).toEqual({ iceRestart: true });
  expect(peers).toHaveLength(1);
});

test("offers again when the line was lost in the middle of it", async () => {
  await meet();
  const answer = server.on;
  server.on = (request) => (request.type === "offer" ? "silent" : answer(request));
  networkChanged();
  await pass(0);
  server.on = answer;
  server.socket.lose();
  await pass(300);
  expect(peer().offers.slice(1)).toEqual([{ iceRestart: true }, { iceRestart: true }]);
  expect(peer().answers).toHaveLength(2);
});

test("adds slots when the server asks, and switches layers", async () => {
  await meet();
  server.event({ type: "negotiate", audio: 1, video: 2 });
  await pass(0);
  expect(peer().transceivers).toHaveLength(10);
  expect(server.of("offer")).toHaveLength(1);
  server.event({ type: "layers", layers: [{ mid: "1", rids: ["q"] }] });
  await pass(0);
  expect(peer().transceivers[1]?.sender.encodings.map((e) => e.active)).toEqual([
    true,
    false,
    false,
  ]);
  server.event({ type: "layers", layers: [{ mid: "1", rids: ["q", "h", "f"] }] });
  await pass(0);
  expect(peer().transceivers[1]?.sender.encodings.every((e) => e.active)).toBe(true);
});

test("tells how tracks are shown, once, and again where it counts anew", async () => {
  await meet();
  call.setView("tv", 360, true);
  call.setView("tv", 360, true);
  await pass(0);
  expect(server.of("view")).toMatchObject([{ track: "tv", height: 360, visible: true }]);
  server.event({ type: "slots", slots: [] });
  server.event({ type: "slots", slots });
  await pass(0);
  expect(server.of("view")).toHaveLength(2);
  server.socket.lose();
  await pass(300);
  expect(server.of("view")).toHaveLength(3);
});

test.each([
  [{ type: "removed", reason: "replaced" }, "replaced"],
  [{ type: "removed", reason: "kicked" }, "kicked"],
  [{ type: "room_closed", reason: "finished" }, "finished"],
])("%o ends the call", async (event, reason) => {
  await meet();
  server.event(event);
  expect(state()).toMatchObject({ phase: "ended", endedReason: reason, tracks: [] });
  expect(peer().closed).toBe(true);
  expect(microphone.readyState).toBe("live"); // the caller's to stop
  await pass(60_000);
  expect(server.of("join")).toHaveLength(1);
});

test("joins again when the media server has let go", async () => {
  await meet();
  server.event({ type: "removed", reason: "media" });
  expect(state().phase).toBe("reconnecting");
  await pass(0);
  expect(state().phase).toBe("connected");
  expect(peers).toHaveLength(2);
});

test("a revoked session ends the call", async () => {
  await meet();
  server.socket.lose(4003);
  expect(state()).toMatchObject({ phase: "ended", endedReason: "revoked" });
});

test.each(["revoked", "room_closed", "forbidden", "room_full"] as const)(
  "a join refused as %s is not repeated",
  async (code) => {
    joined = (request) => ({ type: "error", id: request.id, code, message: "" });
    await expect(join()).rejects.toBeInstanceOf(RequestError);
    expect(state()).toMatchObject({ phase: "ended", endedReason: code });
    expect(peer().closed).toBe(true);
  },
);

test("a used grant is replaced by a new one", async () => {
  joined = (request) =>
    grants < 3
      ? { type: "error", id: request.id, code: "grant_used", message: "" }
      : enter(false)(request);
  const joining = join();
  await pass(5000);
  await joining;
  expect(state().phase).toBe("connected");
  expect(peers.filter((p) => !p.closed)).toHaveLength(1);
});

test("a ticket function can end the call", async () => {
  await meet();
  grant = () => Promise.reject(new StopError("finished"));
  server.event({ type: "removed", reason: "media" });
  await pass(0);
  expect(state()).toMatchObject({ phase: "ended", endedReason: "finished" });
});

test("keeps trying to come back while tickets fail", async () => {
  await meet();
  const good = grant;
  grant = () => Promise.reject(new Error("no network"));
  server.event({ type: "removed", reason: "media" });
  await pass(30_000);
  expect(state().phase).toBe("reconnecting");
  grant = good;
  await pass(5000);
  expect(state().phase).toBe("connected");
});

test("leaves, and can be joined again", async () => {
  await meet();
  await call.leave();
  expect(server.of("leave")).toHaveLength(1);
  expect(state()).toMatchObject({ phase: "ended", endedReason: "left" });
  await meet();
  expect(state()).toMatchObject({ phase: "connected", endedReason: undefined });
});

test("leaving while joining stops the join", async () => {
  const answer = server.on;
  server.on = (request) => (request.type === "join" ? "silent" : answer(request));
  const joining = join().catch((error: unknown) => error);
  await pass(0);
  await call.leave();
  server.socket.lose();
  await pass(10_000);
  expect(await joining).toBeInstanceOf(Error);
  expect(state()).toMatchObject({ phase: "ended", endedReason: "left" });
  expect(peers.every((p) => p.closed)).toBe(true);
});

test("measures each 2 s", async () => {
  await meet();
  const at = (bytes: number, lost: number) => [
    { type: "transport", id: "t", selectedCandidatePairId: "p" },
    { type: "candidate-pair", id: "p", currentRoundTripTime: 0.05, localCandidateId: "l" },
    { type: "local-candidate", id: "l", candidateType: "relay", relayProtocol: "tcp" },
    { type: "outbound-rtp", id: "o", bytesSent: bytes },
    {
      type: "inbound-rtp",
      id: "i",
      bytesReceived: 2 * bytes,
      packetsReceived: bytes / 10,
      packetsLost: lost,
    },
  ];
  peer().stats = at(1000, 0);
  await pass(2000);
  peer().stats = at(251_000, 250);
  await pass(2000);
  expect(state().quality).toMatchObject({ up: 1_000_000, down: 2_000_000, rttMs: 50, score: 3 });
  expect(state().quality.lossPct).toBeCloseTo(0.99, 2);
  expect(state().media.relay).toBe("tcp");
});
