import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Meeting, pass, slots } from "./testing/meeting.ts";
import { FakeTrack } from "./testing/peer.ts";

let m: Meeting;

beforeEach(() => {
  vi.useFakeTimers();
  m = new Meeting();
});

afterEach(async () => {
  await m.end();
  vi.useRealTimers();
});

test("another device's track takes the place without negotiation", async () => {
  await m.meet();
  const other = new FakeTrack("audio", "headset");
  await m.call.setTrack("microphone", other.media);
  expect(m.peer().transceivers[0]?.sender.track).toBe(other.media);
  expect(m.state().local.microphone.mediaTrack).toBe(other.media);
  expect(m.server.of("offer")).toHaveLength(0);
  await m.call.setTrack("camera", null);
  expect(m.server.of("mute").at(-1)).toMatchObject({ source: "camera", muted: true });
  expect(m.state().local.camera).toEqual({ mediaTrack: undefined, muted: false, ended: false });
  await m.call.setTrack("camera", m.camera.media);
  expect(m.server.of("mute").at(-1)).toMatchObject({ source: "camera", muted: false });
});

test("shows that a device has ended by itself", async () => {
  await m.meet();
  m.microphone.end();
  expect(m.state().local.microphone.ended).toBe(true);
});

test("shares a screen, ends it with the browser's button, and shares again", async () => {
  await m.meet();
  const screen = new FakeTrack("video", "screen");
  await m.call.shareScreen(screen.media);
  await pass(0);
  expect(m.server.of("offer").at(-1)?.tracks?.at(-1)).toEqual({
    mid: "7",
    source: "screen",
    muted: false,
  });
  expect(m.state().local.screen.mediaTrack).toBe(screen.media);
  screen.end();
  await pass(0);
  expect(
    m.server
      .of("offer")
      .at(-1)
      ?.tracks?.map((t) => t.source),
  ).toEqual(["microphone", "camera"]);
  expect(m.state().local.screen.mediaTrack).toBeUndefined();
  await m.call.shareScreen(
    new FakeTrack("video", "again").media,
    new FakeTrack("audio", "s").media,
  );
  await pass(0);
  expect(
    m.server
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

test("restarts ICE when the path is lost for 2 s", async () => {
  await m.meet();
  m.peer().ice("disconnected");
  await pass(1900);
  expect(m.server.of("offer")).toHaveLength(0);
  expect(m.state().media.state).toBe("connected");
  await pass(200);
  expect(m.peer().offers.at(-1)).toEqual({ iceRestart: true });
  expect(m.state().media.state).toBe("disconnected");
  m.peer().ice("connected");
  expect(m.state().media.state).toBe("connected");
  await pass(20_000);
  expect(m.server.of("offer")).toHaveLength(1);
});

test("a passing disconnect changes nothing", async () => {
  await m.meet();
  m.peer().ice("disconnected");
  await pass(1000);
  m.peer().ice("connected");
  await pass(20_000);
  expect(m.server.of("offer")).toHaveLength(0);
});

test("joins anew with fresh relays when restarts don't help", async () => {
  await m.meet();
  m.peer().ice("failed");
  await pass(30_000);
  expect(m.peers.length).toBeGreaterThanOrEqual(2);
  expect(m.peers[0]?.offers.filter((o) => o.iceRestart).length).toBeGreaterThanOrEqual(3);
  expect(m.grants).toBeGreaterThanOrEqual(2);
  m.peer().ice("connected");
  expect(m.state()).toMatchObject({ phase: "connected", media: { state: "connected" } });
});

test("restarts at once on another network, when the server misses us, and on wish", async () => {
  await m.meet();
  m.hint("network");
  await pass(0);
  m.server.event({ type: "media", state: "disconnected" });
  expect(m.state().media.state).toBe("disconnected");
  await pass(0);
  m.server.event({ type: "media", state: "connected" });
  expect(m.state().media.state).toBe("connected");
  m.call.restart();
  await pass(0);
  expect(m.peer().offers.filter((o) => o.iceRestart)).toHaveLength(3);
});

test("a page that comes to the foreground restarts only what is broken", async () => {
  await m.meet();
  m.hint("foreground");
  await pass(0);
  expect(m.peer().offers).toHaveLength(1);
  m.peer().ice("failed");
  await pass(0);
  m.hint("foreground");
  await pass(0);
  expect(m.peer().offers.slice(1)).toEqual([{ iceRestart: true }, { iceRestart: true }]);
});

test("a restart of an old call through a relay has fresh credentials", async () => {
  const servers = () => [{ urls: "turn:t", username: `u${m.grants}`, credential: "c" }];
  m.grant = async () => {
    m.grants++;
    return { grant: "g", room: "e", lobby: false, iceServers: servers() };
  };
  await m.meet();
  m.peer().stats = [
    { type: "candidate-pair", id: "p", selected: true, localCandidateId: "l" },
    { type: "local-candidate", id: "l", candidateType: "relay", relayProtocol: "tls" },
  ];
  await pass(2000);
  m.hint("network");
  await pass(0);
  expect(m.grants).toBe(1);
  await pass(200_000);
  m.hint("network");
  await pass(0);
  expect(m.grants).toBe(2);
  expect(m.peer().config.iceServers).toEqual(servers());
  expect(m.peer().offers.at(-1)).toEqual({ iceRestart: true });
  expect(m.peer().offers).toHaveLength(3);
  // When there are none to be had, the restart goes on without.
  m.grant = () => new Promise(() => {});
  await pass(200_000);
  m.hint("network");
  await pass(2000);
  expect(m.peer().offers).toHaveLength(4);
});

test("shows the state of one's own media as the server sees it", async () => {
  await m.meet();
  m.server.event({ type: "media", state: "connected" });
  expect(m.state().self?.media).toBe("connected");
  expect(m.state().participants[0]).toBe(m.state().self);
});

test("an ICE restart waits for the line", async () => {
  await m.meet();
  m.server.up = false;
  m.server.socket.lose();
  m.peer().ice("failed");
  await pass(10_000);
  expect(m.peer().offers).toHaveLength(1);
  m.server.up = true;
  await pass(5000);
  expect(m.peer().offers.at(-1)).toEqual({ iceRestart: true });
  expect(m.peers).toHaveLength(1);
});

test("offers again when the line was lost in the middle of it", async () => {
  await m.meet();
  const answer = m.server.on;
  m.server.on = (request) => (request.type === "offer" ? "silent" : answer(request));
  m.hint("network");
  await pass(0);
  m.server.on = answer;
  m.server.socket.lose();
  await pass(300);
  expect(m.peer().offers.slice(1)).toEqual([{ iceRestart: true }, { iceRestart: true }]);
  expect(m.peer().answers).toHaveLength(2);
});

test("adds slots when the server asks, and switches layers", async () => {
  await m.meet();
  m.server.event({ type: "negotiate", audio: 1, video: 2 });
  await pass(0);
  expect(m.peer().transceivers).toHaveLength(10);
  expect(m.server.of("offer")).toHaveLength(1);
  m.server.event({ type: "layers", layers: [{ mid: "1", rids: ["q"] }] });
  await pass(0);
  expect(m.peer().transceivers[1]?.sender.encodings.map((e) => e.active)).toEqual([
    true,
    false,
    false,
  ]);
  m.server.event({ type: "layers", layers: [{ mid: "1", rids: [] }] });
  await pass(0);
  expect(m.peer().transceivers[1]?.sender.encodings.map((e) => e.active)).toEqual([
    true,
    false,
    false,
  ]);
  m.server.event({ type: "layers", layers: [{ mid: "1", rids: ["q", "h", "f"] }] });
  await pass(0);
  expect(m.peer().transceivers[1]?.sender.encodings.every((e) => e.active)).toBe(true);
});

test("tells how tracks are shown, once, and again where it counts anew", async () => {
  await m.meet();
  m.call.setView("tv", 360, true);
  m.call.setView("tv", 360, true);
  await pass(0);
  expect(m.server.of("view")).toMatchObject([{ track: "tv", height: 360, visible: true }]);
  m.server.event({ type: "slots", slots: [] });
  m.server.event({ type: "slots", slots });
  await pass(0);
  expect(m.server.of("view")).toHaveLength(2);
  m.server.socket.lose();
  await pass(300);
  expect(m.server.of("view")).toHaveLength(3);
});

test("measures each 2 s", async () => {
  await m.meet();
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
  m.peer().stats = at(1000, 0);
  await pass(2000);
  m.peer().stats = at(251_000, 250);
  await pass(2000);
  expect(m.state().quality).toMatchObject({ up: 1_000_000, down: 2_000_000, rttMs: 50, score: 3 });
  expect(m.state().quality.lossPct).toBeCloseTo(0.99, 2);
  expect(m.state().media.relay).toBe("tcp");
});

test("a track that was changed while the join was under way is sent", async () => {
  const headset = new FakeTrack("audio", "headset");
  const answer = m.server.on;
  m.server.on = (request) => {
    if (request.type === "join") {
      void m.call.setTrack("microphone", headset.media);
      m.call.setMuted("camera", true);
    }
    return answer(request);
  };
  await m.meet();
  expect(m.peer().transceivers[0]?.sender.track).toBe(headset.media);
  expect(m.server.of("mute")).toMatchObject([{ source: "camera", muted: true }]);
});
