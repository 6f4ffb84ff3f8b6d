import { describe, expect, it } from "vitest";
import { type CallHandle, type CallState, initialState, type JoinOptions, StopError } from "../rtc";
import { LocalMedia } from "./callMedia";
import { recall, type Shelf } from "./callMemory";
import { type CallDesk, CallSession, codeOf } from "./callSession";

function shelf(): Shelf {
  let value: string | null = null;
  return {
    getItem: () => value,
    setItem: (_key, next) => {
      value = next;
    },
  };
}

const desk: CallDesk = {
  ticket: async (room) => ({ grant: "g", room, lobby: true, iceServers: [] }),
  admit: async () => undefined,
  finish: async () => undefined,
};

function fakeCall(refuse?: Error) {
  const told: string[] = [];
  const joins: JoinOptions[] = [];
  const state: CallState = initialState;
  const call: CallHandle = {
    join: async (options) => {
      joins.push(options);
      await options.grant();
      if (refuse) throw refuse;
    },
    leave: async () => void told.push("leave"),
    setTrack: async (source, track) => void told.push(`track ${source} ${track ? "on" : "off"}`),
    setMuted: (source, muted) => void told.push(`muted ${source} ${muted}`),
    shareScreen: async () => void told.push("share"),
    stopScreen: async () => undefined,
    sendChat: () => undefined,
    setView: () => undefined,
    restart: () => undefined,
    getSnapshot: () => state,
    subscribe: () => () => undefined,
  };
  return { call, told, joins };
}

function stay(refuse?: Error) {
  const place = shelf();
  const media = new LocalMedia(undefined, place);
  const { call, told, joins } = fakeCall(refuse);
  const session = new CallSession({ encounterId: "e", call, media, desk, shelf: place });
  return { session, media, told, joins, place };
}

describe("entering", () => {
  it("joins without any device, muted as before the reload, and remembers the room", async () => {
    const { session, media, joins, place } = stay();
    await media.setMicMuted(true);
    await session.enter();
    expect(joins[0]).toMatchObject({ muted: { microphone: true, camera: false } });
    expect(joins[0]?.audio).toBeUndefined();
    expect(recall(place).room).toBe("e");
    expect(session.getSnapshot()).toMatchObject({ entering: false, refused: undefined });
  });

  it("keeps the code of a refusal and no room", async () => {
    const { session, place } = stay(new StopError("transition_refused"));
    await session.enter();
    expect(session.getSnapshot()).toMatchObject({ entering: false, refused: "transition_refused" });
    expect(recall(place).room).toBe("");
  });

  it("is not begun twice at a time", async () => {
    const { session, joins } = stay();
    await Promise.all([session.enter(), session.enter()]);
    expect(joins).toHaveLength(1);
  });
});

describe("leaving", () => {
  it("forgets the room and the mutes of this consultation", async () => {
    const { session, place, told } = stay();
    await session.enter();
    await session.setMuted("microphone", true);
    await session.leave();
    expect(recall(place)).toMatchObject({ room: "", micMuted: false });
    expect(told.at(-1)).toBe("leave");
  });
});

describe("muting", () => {
  it("tells the server before the device has stopped", async () => {
    const { session, told } = stay();
    const done = session.setMuted("camera", true);
    expect(told).toEqual(["muted camera true"]);
    await done;
  });

  it("tells of unmuting only when that is still wanted", async () => {
    const { session, told } = stay();
    const on = session.setMuted("microphone", false);
    const off = session.setMuted("microphone", true);
    await Promise.all([on, off]);
    expect(told).toEqual(["muted microphone true"]);
  });
});

describe("sharing the screen", () => {
  it("reports a fault, and not that the person has closed the picker", async () => {
    const { session } = stay();
    await session.share(() => Promise.reject(new DOMException("no", "NotAllowedError")));
    expect(session.getSnapshot().shareRefused).toBe(false);
    await session.share(() => Promise.reject(new DOMException("no", "NotReadableError")));
    expect(session.getSnapshot().shareRefused).toBe(true);
  });
});

describe("codeOf", () => {
  it("finds the stable code in whatever was thrown", () => {
    expect(codeOf(new StopError("denied"))).toBe("denied");
    expect(codeOf(Object.assign(new Error("x"), { code: "too_large" }))).toBe("too_large");
    expect(codeOf(new Error("x"))).toBe("failed");
    expect(codeOf(undefined)).toBe("failed");
  });
});
