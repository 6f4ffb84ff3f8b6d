import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RequestError, StopError } from "./errors.ts";
import { audio, contents, doctor, enter, Meeting, pass, slots } from "./testing/meeting.ts";

let m: Meeting;

beforeEach(() => {
  vi.useFakeTimers();
  m = new Meeting();
});

afterEach(async () => {
  await m.end();
  vi.useRealTimers();
});

test("joins with one offer: what is sent first, then spare slots", async () => {
  await m.meet();
  const [request] = m.server.of("join");
  expect(request).toMatchObject({
    grant: "grant 1",
    room: "e",
    sdp: "offer 1",
    tracks: [
      { mid: "0", source: "microphone", muted: false },
      { mid: "1", source: "camera", muted: false },
    ],
  });
  expect(m.peer().transceivers.map((t) => `${t.receiver.track.kind} ${t.direction}`)).toEqual([
    "audio sendonly",
    "video sendonly",
    "audio recvonly",
    "audio recvonly",
    "video recvonly",
    "video recvonly",
    "video recvonly",
  ]);
  expect(m.peer().transceivers[1]?.sender.encodings.map((e) => e.rid)).toEqual(["q", "h", "f"]);
  expect(m.peer().answers).toEqual(["answer"]);
  expect(m.phases).toEqual(["joining", "connected"]);
  expect(m.state().participants.map((p) => [p.identity, p.self])).toEqual([
    ["p", true],
    ["d", false],
  ]);
  expect(m.state().tracks.map((t) => [t.id, t.mediaTrack?.id])).toEqual([
    ["ta", "in2"],
    ["tv", "in4"],
  ]);
  expect(m.state().media.state).toBe("connected");
});

test("waits in the lobby until admitted", async () => {
  m.joined = enter(true);
  await m.join();
  expect(m.state()).toMatchObject({ phase: "lobby", participants: [{ self: true, lobby: true }] });
  m.server.event({ type: "admitted", ...contents(false) });
  expect(m.state().phase).toBe("connected");
  expect(m.state().participants).toHaveLength(2);
  expect(m.state().tracks[1]?.mediaTrack?.id).toBe("in4");
});

test("joins without any device", async () => {
  await m.call.join({ grant: () => m.grant() });
  expect(m.server.of("join")[0]?.tracks).toEqual([]);
  expect(m.state().phase).toBe("connected");
  await m.call.setTrack("microphone", m.microphone.media);
  await pass(0);
  expect(m.server.of("offer")[0]?.tracks).toEqual([
    { mid: "5", source: "microphone", muted: false },
  ]);
});

test("follows who comes, goes and changes", async () => {
  await m.meet();
  const guest = { ...doctor, identity: "g", role: "guest" };
  m.server.event({ type: "participant_joined", participant: guest });
  m.server.event({ type: "participant_changed", participant: { ...guest, media: "disconnected" } });
  expect(m.state().participants.at(-1)).toMatchObject({ identity: "g", media: "disconnected" });
  m.server.event({ type: "track_added", track: { ...audio, id: "tg", participant: "g" } });
  expect(m.state().tracks.at(-1)).toMatchObject({ id: "tg", mediaTrack: undefined });
  m.server.event({ type: "slots", slots: [...slots, { mid: "3", kind: "audio", track: "tg" }] });
  expect(m.state().tracks.at(-1)?.mediaTrack?.id).toBe("in3");
  m.server.event({ type: "track_changed", track: { ...audio, muted: true } });
  expect(m.state().tracks.map((t) => [t.id, t.muted])).toEqual([
    ["ta", true],
    ["tv", false],
    ["tg", false],
  ]);
  m.server.event({ type: "track_removed", trackId: "tg" });
  m.server.event({ type: "participant_left", identity: "g" });
  expect(m.state().tracks).toHaveLength(2);
  expect(m.state().participants).toHaveLength(2);
  m.server.socket.receive({ type: "speakers", speakers: [{ participant: "d", level: 90 }] });
  expect(m.state().speakers).toEqual([{ participant: "d", level: 90 }]);
});

test("snapshots are immutable and keep what hasn't changed", async () => {
  await m.meet();
  const before = m.state();
  const frozen = JSON.stringify(before);
  m.server.event({ type: "track_changed", track: { ...audio, muted: true } });
  const after = m.state();
  expect(after).not.toBe(before);
  expect(JSON.stringify(before)).toBe(frozen);
  expect(after.tracks[1]).toBe(before.tracks[1]);
  expect(after.participants).toBe(before.participants);
  expect(after.local.camera).toEqual(before.local.camera);
  m.server.event({ type: "slots", slots });
  expect(m.state().tracks).toBe(after.tracks);
});

test("mutes survive a resume, a new session and a new connection", async () => {
  await m.meet();
  m.call.setMuted("microphone", true);
  await pass(0);
  expect(m.microphone.enabled).toBe(false);
  expect(m.server.of("mute")).toMatchObject([{ source: "microphone", muted: true }]);

  m.server.requests.length = 0;
  m.server.socket.lose();
  m.call.setMuted("camera", true); // while the line is down
  await pass(300);
  expect(m.server.of("mute").map((mute) => [mute.source, mute.muted])).toEqual([
    ["microphone", true],
    ["camera", true],
  ]);

  m.server.resumable = false;
  m.server.requests.length = 0;
  m.server.socket.lose();
  await pass(300);
  await pass(0);
  expect(m.server.of("join")[0]?.tracks).toEqual([
    { mid: "0", source: "microphone", muted: true },
    { mid: "1", source: "camera", muted: true },
  ]);
  expect(m.peers).toHaveLength(2);
  expect(m.peers[0]?.closed).toBe(true);
  expect(m.state().local.microphone.muted).toBe(true);
  expect(m.state().phase).toBe("connected");
  expect(m.grants).toBe(2);
});

test("a short loss of the line isn't shown, a long one is", async () => {
  await m.meet();
  m.server.socket.lose();
  await pass(300);
  expect(m.phases).toEqual(["joining", "connected"]);
  m.server.up = false;
  m.server.socket.lose();
  await pass(1300);
  expect(m.state().phase).toBe("reconnecting");
  expect(m.peer().closed).toBe(false);
  m.server.up = true;
  await pass(5000);
  expect(m.state().phase).toBe("connected");
  expect(m.server.of("join")).toHaveLength(1);
});

test("chat written offline is sent once and in order", async () => {
  await m.meet();
  m.server.up = false;
  m.server.socket.lose();
  m.call.sendChat("one");
  m.call.sendChat("two");
  m.call.sendChat("  ");
  m.call.sendChat("three");
  expect(m.state().chat.map((m) => [m.text, m.status])).toEqual([
    ["one", "pending"],
    ["two", "pending"],
    ["three", "pending"],
  ]);
  const stored: string[] = [];
  const byClientId = new Map<string, number>();
  const answer = m.server.on;
  m.server.on = (request) => {
    if (request.type !== "chat") {
      return answer(request);
    }
    let seq = byClientId.get(request.clientId);
    if (seq === undefined) {
      stored.push(request.text);
      seq = stored.length;
      byClientId.set(request.clientId, seq);
      if (seq === 2) {
        m.server.socket.lose(); // stored, but the answer is lost
        return "silent";
      }
    }
    return { type: "ok", id: request.id, seq, message: `m${seq}` };
  };
  m.server.up = true;
  await pass(10_000);
  expect(stored).toEqual(["one", "two", "three"]);
  expect(m.state().chat.map((m) => [m.id, m.text, m.status])).toEqual([
    ["m1", "one", "sent"],
    ["m2", "two", "sent"],
    ["m3", "three", "sent"],
  ]);
});

test("the own message's event and its answer make one entry, whichever comes first", async () => {
  await m.meet();
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
  const answer = m.server.on;
  m.server.on = (request) => {
    if (request.type === "chat" && request.text === "early") {
      m.server.event(message(request.clientId, "m1", 1));
      return { type: "ok", id: request.id, seq: 1, message: "m1" };
    }
    return answer(request);
  };
  m.call.sendChat("early");
  await pass(0);
  m.call.sendChat("late");
  await pass(0);
  const late = m.server.of("chat").at(-1)?.clientId ?? "";
  m.server.event(message(late, `m-${late}`, 2));
  expect(m.state().chat).toHaveLength(2);
});

test("a refused message is marked, the next one still goes out", async () => {
  await m.meet();
  const answer = m.server.on;
  m.server.on = (request) =>
    request.type === "chat" && request.text === "bad"
      ? { type: "error", id: request.id, code: "forbidden", message: "" }
      : answer(request);
  m.call.sendChat("bad");
  m.call.sendChat("good");
  await pass(0);
  expect(m.state().chat.map((m) => [m.text, m.status])).toEqual([
    ["good", "sent"],
    ["bad", "failed"],
  ]);
});

test.each([
  [{ type: "removed", reason: "replaced" }, "replaced"],
  [{ type: "removed", reason: "kicked" }, "kicked"],
  [{ type: "room_closed", reason: "finished" }, "finished"],
])("%o ends the call", async (event, reason) => {
  await m.meet();
  m.server.event(event);
  expect(m.state()).toMatchObject({ phase: "ended", endedReason: reason, tracks: [] });
  expect(m.peer().closed).toBe(true);
  expect(m.microphone.readyState).toBe("live"); // the caller's to stop
  await pass(60_000);
  expect(m.server.of("join")).toHaveLength(1);
});

test("joins again when the media server has let go", async () => {
  await m.meet();
  m.server.event({ type: "removed", reason: "media" });
  expect(m.state().phase).toBe("reconnecting");
  await pass(0);
  expect(m.state().phase).toBe("connected");
  expect(m.peers).toHaveLength(2);
});

test("doesn't storm a server that lets go again and again", async () => {
  await m.meet();
  const throwOut = async (ms: number) => {
    for (const end = Date.now() + ms; Date.now() < end; await pass(100)) {
      if (m.state().phase === "connected") {
        m.server.event({ type: "removed", reason: "media" });
      }
    }
  };
  await throwOut(20_000);
  expect(m.server.of("join").length).toBeLessThan(10);
  await pass(5000);
  m.peer().ice("connected");
  await pass(40_000);
  const before = m.server.of("join").length;
  m.server.event({ type: "removed", reason: "media" });
  await pass(0);
  expect(m.server.of("join")).toHaveLength(before + 1);
});

test("a revoked session ends the call", async () => {
  await m.meet();
  m.server.socket.lose(4003);
  expect(m.state()).toMatchObject({ phase: "ended", endedReason: "revoked" });
});

test.each(["revoked", "room_closed", "forbidden", "room_full"] as const)(
  "a join refused as %s is not repeated",
  async (code) => {
    m.joined = (request) => ({ type: "error", id: request.id, code, message: "" });
    await expect(m.join()).rejects.toBeInstanceOf(RequestError);
    expect(m.state()).toMatchObject({ phase: "ended", endedReason: code });
    expect(m.peer().closed).toBe(true);
  },
);

test("a used grant is replaced by a new one", async () => {
  m.joined = (request) =>
    m.grants < 3
      ? { type: "error", id: request.id, code: "grant_used", message: "" }
      : enter(false)(request);
  const joining = m.join();
  await pass(5000);
  await joining;
  expect(m.state().phase).toBe("connected");
  expect(m.peers.filter((p) => !p.closed)).toHaveLength(1);
});

test("a ticket function can end the call", async () => {
  await m.meet();
  m.grant = () => Promise.reject(new StopError("finished"));
  m.server.event({ type: "removed", reason: "media" });
  await pass(0);
  expect(m.state()).toMatchObject({ phase: "ended", endedReason: "finished" });
});

test("keeps trying to come back while tickets fail", async () => {
  await m.meet();
  const good = m.grant;
  m.grant = () => Promise.reject(new Error("no network"));
  m.server.event({ type: "removed", reason: "media" });
  await pass(30_000);
  expect(m.state().phase).toBe("reconnecting");
  m.grant = good;
  await pass(5000);
  expect(m.state().phase).toBe("connected");
});

test("leaves, and can be joined again", async () => {
  await m.meet();
  await m.call.leave();
  expect(m.server.of("leave")).toHaveLength(1);
  expect(m.state()).toMatchObject({ phase: "ended", endedReason: "left" });
  await m.meet();
  expect(m.state()).toMatchObject({ phase: "connected", endedReason: undefined });
});

test("leaving while joining stops the join", async () => {
  const answer = m.server.on;
  m.server.on = (request) => (request.type === "join" ? "silent" : answer(request));
  const joining = m.join().catch((error: unknown) => error);
  await pass(0);
  await m.call.leave();
  m.server.socket.lose();
  await pass(10_000);
  expect(await joining).toBeInstanceOf(Error);
  expect(m.state()).toMatchObject({ phase: "ended", endedReason: "left" });
  expect(m.peers.every((p) => p.closed)).toBe(true);
});
