import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OfflineError, RequestError, StopError } from "./errors.ts";
import { Link } from "./link.ts";
import type { NetworkHint } from "./network.ts";
import type { ServerEvent } from "./protocol.ts";
import { FakeServer } from "./testing/socket.ts";

let server: FakeServer;
let link: Link;
let events: ServerEvent[];
let sessions: boolean[];
let tickets: number;
let ticket: () => Promise<string>;
let hint: (what: NetworkHint) => void;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  events = [];
  sessions = [];
  tickets = 0;
  ticket = async () => `ticket ${++tickets}`;
  link = new Link({
    url: "http://clinic.test/ws",
    ticket: () => ticket(),
    makeSocket: server.make,
    random: () => 0,
    network: (listener) => {
      hint = listener;
      return () => {};
    },
  });
  link.onEvent((event) => events.push(event));
  link.onSession((resumed) => sessions.push(resumed));
});

afterEach(() => {
  link.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const live = (id: string) => ({ type: "live", topic: "t", kind: "k", id, version: 1 });

test("says hello with a ticket and hears events", async () => {
  link.start();
  expect(link.state.status).toBe("connecting");
  await link.ready();
  expect(server.of("hello")[0]).toMatchObject({ v: 1, grant: "ticket 1" });
  server.event(live("a"));
  expect(events).toEqual([{ seq: 1, ...live("a") }]);
  expect(sessions).toEqual([false]);
});

test("resumes after a loss: no event is lost or doubled, no ticket is used", async () => {
  link.start();
  await link.ready();
  for (let i = 0; i < 20; i++) {
    server.event(live(`a${i}`));
    server.socket.lose();
    expect(link.state.status).toBe("waiting");
    server.event(live(`b${i}`), false);
    await pass(300);
    expect(link.state.status).toBe("open");
  }
  expect(events.map((event) => (event as { id?: string }).id)).toEqual(
    Array.from({ length: 20 }, (_, i) => [`a${i}`, `b${i}`]).flat(),
  );
  expect(tickets).toBe(1);
  expect(sessions).toEqual([false, ...Array<boolean>(20).fill(true)]);
});

test("ignores an event that came before, and resumes when one is missing", async () => {
  link.start();
  await link.ready();
  server.event(live("a"));
  server.socket.receive({ seq: 1, type: "live", topic: "t", kind: "k", id: "a", version: 1 });
  expect(events).toHaveLength(1);
  server.event(live("b"), false); // lost on the way, against the protocol
  server.event(live("c"));
  expect(link.state.status).toBe("waiting");
  await pass(300);
  expect(events.map((event) => (event as { id?: string }).id)).toEqual(["a", "b", "c"]);
});

test("starts a new session on the same socket when the old one is gone", async () => {
  link.start();
  await link.ready();
  server.event(live("a"));
  server.resumable = false;
  server.socket.lose();
  await pass(300);
  expect(server.sockets).toHaveLength(2);
  expect(server.of("hello").map((hello) => hello.grant)).toEqual([
    "ticket 1",
    undefined,
    "ticket 2",
  ]);
  expect(sessions).toEqual([false, false]);
  server.event(live("b"));
  expect(events).toHaveLength(2);
});

test("waits longer after each failed try, up to 5 s, and no longer on a new network", async () => {
  server.up = false;
  link.start();
  await pass(0);
  for (const wait of [300, 600, 1200, 2400, 4800, 5000, 5000]) {
    const before = server.sockets.length;
    expect(link.state.status).toBe("waiting");
    await pass(wait - 1);
    expect(server.sockets).toHaveLength(before);
    await pass(1);
    expect(server.sockets).toHaveLength(before + 1);
  }
  server.up = true;
  hint("network");
  await pass(0);
  expect(link.state).toEqual({ status: "open", tries: 0 });
});

test("comes back when the server said so", async () => {
  link.start();
  await link.ready();
  server.event({ type: "going_away", reconnectAfterMs: 2000 });
  server.socket.lose(1001);
  await pass(1999);
  expect(server.sockets).toHaveLength(1);
  await pass(1);
  expect(server.sockets).toHaveLength(2);
});

test.each([
  [4003, "revoked"],
  [4002, "superseded"],
])("stays closed after %i", async (code, reason) => {
  link.start();
  await link.ready();
  server.socket.lose(code);
  expect(link.state).toEqual({ status: "closed", tries: 0, reason });
  await pass(60_000);
  expect(server.sockets).toHaveLength(1);
  await expect(link.ready()).rejects.toBeInstanceOf(StopError);
});

test("stays closed when the ticket function says so", async () => {
  ticket = () => Promise.reject(new StopError("signed out"));
  link.start();
  await pass(0);
  expect(link.state).toEqual({ status: "closed", tries: 0, reason: "signed out" });
});

test("tries again when a ticket can't be fetched or isn't taken", async () => {
  let failures = 0;
  ticket = () => (failures++ < 2 ? Promise.reject(new Error("no network")) : Promise.resolve("t"));
  server.on = (request) =>
    request.type === "hello" && server.of("hello").length === 1
      ? { type: "error", id: request.id, code: "grant_expired", message: "" }
      : undefined;
  link.start();
  await pass(5000);
  expect(link.state.status).toBe("open");
  expect(failures).toBe(4);
});

test("stays closed when access was withdrawn", async () => {
  server.on = (request) => ({ type: "error", id: request.id, code: "revoked", message: "" });
  link.start();
  await pass(0);
  expect(link.state).toMatchObject({ status: "closed", reason: "revoked" });
});

test("answers requests, and rejects those that are refused or lost", async () => {
  link.start();
  await expect(link.request({ type: "ping" })).rejects.toBeInstanceOf(OfflineError);
  await link.ready();
  await expect(link.request({ type: "ping" })).resolves.toMatchObject({ type: "ok" });
  server.on = (request) => ({ type: "error", id: request.id, code: "not_joined", message: "x" });
  await expect(link.request({ type: "keyframe", track: "t" })).rejects.toEqual(
    new RequestError("not_joined", "x"),
  );
  server.on = () => "silent";
  const lost = link.request({ type: "ping" });
  server.socket.lose();
  await expect(lost).rejects.toBeInstanceOf(OfflineError);
});

test("pings a silent line and gives it up when nothing comes back", async () => {
  link.start();
  await link.ready();
  await pass(15_000);
  expect(server.of("ping")).toHaveLength(1);
  server.on = (request) => (request.type === "ping" ? "silent" : undefined);
  await pass(15_000);
  expect(link.state.status).toBe("open");
  const dead = server.socket;
  await pass(5000);
  expect(dead.closedWith).toBe(4900);
  await pass(300);
  expect(link.state.status).toBe("open");
  expect(sessions).toEqual([false, true]);
});

test("looks at the line at once when the network changes", async () => {
  link.start();
  await link.ready();
  server.on = (request) => (request.type === "ping" ? "silent" : undefined);
  hint("network");
  await pass(2000);
  await pass(300);
  expect(sessions).toEqual([false, true]);
});

test("gives up a socket that never opens", async () => {
  const first = server.make;
  let made = 0;
  link = new Link({
    url: "ws://x/ws",
    ticket,
    makeSocket: () => {
      const socket = first();
      if (made++ === 0) {
        socket.open = () => {};
      }
      return socket;
    },
    random: () => 0,
  });
  link.start();
  await pass(8000);
  expect(link.state.status).toBe("waiting");
  await pass(300);
  expect(link.state.status).toBe("open");
});

test("stop ends the session for good", async () => {
  link.start();
  await link.ready();
  const { socket } = server;
  link.stop();
  expect(socket.closedWith).toBe(1000);
  expect(link.state.status).toBe("idle");
  await pass(60_000);
  expect(server.sockets).toHaveLength(1);
  link.start();
  await link.ready();
  expect(server.of("hello").at(-1)?.grant).toBe("ticket 2");
});
