import { describe, expect, it } from "vitest";
import { type CallParticipant, type CallState, type ChatEntry, initialState } from "../rtc";
import { news, share, sounds, tiles, unread, waiting } from "./callTiles";

// Tracks are only carried through, never called.
const media = { id: "m" } as MediaStreamTrack;

function person(identity: string, change: Partial<CallParticipant> = {}): CallParticipant {
  return {
    identity,
    name: identity.toUpperCase(),
    role: "patient",
    lobby: false,
    media: "connected",
    self: false,
    ...change,
  };
}

function message(seq: number, sender: string, status: ChatEntry["status"] = "sent"): ChatEntry {
  return {
    id: `${seq}`,
    seq,
    sender,
    senderName: sender.toUpperCase(),
    senderRole: "patient",
    at: "2026-11-24T10:00:00Z",
    text: "text",
    status,
  };
}

const me = person("me", { self: true, role: "practitioner" });
const room: CallState = {
  ...initialState,
  phase: "connected",
  self: me,
  participants: [me, person("pat"), person("guest", { role: "guest", lobby: true })],
  tracks: [
    {
      id: "a",
      participant: "pat",
      kind: "audio",
      source: "microphone",
      muted: false,
      mediaTrack: media,
    },
    {
      id: "v",
      participant: "pat",
      kind: "video",
      source: "camera",
      muted: true,
      mediaTrack: media,
    },
  ],
};

describe("tiles", () => {
  it("shows those in the consultation and not those who wait", () => {
    expect(tiles(room).map((tile) => tile.id)).toEqual(["pat", "me"]);
    expect(waiting(room).map((one) => one.identity)).toEqual(["guest"]);
  });

  it("carries mutes, and counts a missing microphone as muted", () => {
    const [pat, own] = tiles(room);
    expect(pat).toMatchObject({ micMuted: false, camera: { id: "v", muted: true } });
    expect(own).toMatchObject({ micMuted: true, camera: undefined });
  });

  it("rings whoever speaks, not whoever breathes or is muted", () => {
    const loud = (participant: string, level: number) =>
      tiles({ ...room, speakers: [{ participant, level }] }).filter((tile) => tile.speaking);
    expect(loud("pat", 100)).toHaveLength(1);
    expect(loud("pat", 10)).toHaveLength(0);
    const muted = {
      ...room,
      tracks: room.tracks.map((track) => ({ ...track, muted: true })),
      speakers: [{ participant: "pat", level: 100 }],
    };
    expect(tiles(muted).some((tile) => tile.speaking)).toBe(false);
  });

  it("mirrors oneself only when the camera looks at the person", () => {
    expect(tiles(room, "user").at(-1)?.mirror).toBe(true);
    expect(tiles(room, "environment").at(-1)?.mirror).toBe(false);
  });
});

describe("share", () => {
  const screen = {
    id: "s",
    participant: "pat",
    kind: "video" as const,
    source: "screen" as const,
    muted: false,
    mediaTrack: media,
  };

  it("prefers the other's screen to one's own", () => {
    const own = {
      ...room,
      local: { ...room.local, screen: { mediaTrack: media, muted: false, ended: false } },
    };
    expect(share(own)).toMatchObject({ self: true });
    expect(share({ ...own, tracks: [screen] })).toMatchObject({
      self: false,
      id: "s",
      name: "PAT",
    });
    expect(share(room)).toBeUndefined();
  });

  it("is not drawn for somebody who has gone", () => {
    expect(share({ ...room, participants: [me], tracks: [screen] })).toBeUndefined();
  });
});

describe("sounds", () => {
  it("plays only sound that arrives", () => {
    expect(sounds(room).map((sound) => sound.id)).toEqual(["a"]);
  });
});

describe("news", () => {
  const cases: { name: string; after: CallState; want: string[] }[] = [
    { name: "nothing", after: room, want: [] },
    {
      name: "somebody comes to wait",
      after: { ...room, participants: [...room.participants, person("new", { lobby: true })] },
      want: ["waiting NEW"],
    },
    {
      name: "the waiting one is admitted",
      after: { ...room, participants: room.participants.map((one) => ({ ...one, lobby: false })) },
      want: ["joined GUEST"],
    },
    { name: "somebody leaves", after: { ...room, participants: [me] }, want: ["left PAT"] },
    {
      name: "a message of another, not one's own",
      after: { ...room, chat: [message(1, "pat"), message(2, "me")] },
      want: ["message PAT"],
    },
    {
      name: "a reconnect tells nothing",
      after: { ...room, phase: "reconnecting", participants: [me] },
      want: [],
    },
  ];
  for (const test of cases) {
    it(test.name, () => {
      expect(news(room, test.after).map((one) => `${one.kind} ${one.name}`)).toEqual(test.want);
    });
  }
});

describe("unread", () => {
  it("counts the others' messages after the one that was seen", () => {
    const chat = [
      message(1, "pat"),
      message(2, "me"),
      message(3, "pat"),
      message(0, "me", "pending"),
    ];
    expect(unread({ ...room, chat }, 0)).toBe(2);
    expect(unread({ ...room, chat }, 1)).toBe(1);
    expect(unread({ ...room, chat }, 3)).toBe(0);
  });
});
