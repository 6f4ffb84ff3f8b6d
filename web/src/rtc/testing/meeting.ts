import { vi } from "vitest";
import { Call } from "../call.ts";
import { Link } from "../link.ts";
import type { NetworkHint } from "../network.ts";
import type { JoinedReply, ServerMessage } from "../protocol.ts";
import type { CallState, JoinTicket } from "../state.ts";
import { FakePeer, FakeTrack } from "./peer.ts";
import { FakeServer, type Sent } from "./socket.ts";

export const doctor = {
  identity: "d",
  name: "D",
  role: "practitioner",
  lobby: false,
  media: "connected",
};
export const audio = {
  id: "ta",
  participant: "d",
  kind: "audio",
  source: "microphone",
  muted: false,
};
export const video = { id: "tv", participant: "d", kind: "video", source: "camera", muted: false };
export const slots = [
  { mid: "2", kind: "audio", track: "ta" },
  { mid: "4", kind: "video", track: "tv" },
];

/** What somebody in the room sees, or in its lobby. */
export const contents = (lobby: boolean) => ({
  participants: lobby ? [] : [doctor],
  tracks: lobby ? [] : [audio, video],
  slots: lobby ? [] : slots,
  chat: [],
});

/** Lets the patient into the room, or its lobby. */
export const enter =
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

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A patient's call with a server and connections that the test plays. */
export class Meeting {
  readonly server = new FakeServer();
  readonly peers: FakePeer[] = [];
  readonly phases: CallState["phase"][] = [];
  readonly microphone = new FakeTrack("audio", "mic");
  readonly camera = new FakeTrack("video", "cam");
  readonly link: Link;
  readonly call: Call;
  grants = 0;
  grant: () => Promise<JoinTicket> = async () => {
    this.grants++;
    return { grant: `grant ${this.grants}`, room: "e", lobby: false, iceServers: [] };
  };
  joined: (request: Sent) => ServerMessage = enter(false);
  hint: (what: NetworkHint) => void = () => {};

  constructor() {
    this.server.on = (request) => {
      switch (request.type) {
        case "join":
          return this.joined(request);
        case "offer":
          return { type: "answer", id: request.id, sdp: "answer" };
        case "chat":
          return { type: "ok", id: request.id, seq: 1, message: `m-${request.clientId}` };
        default:
          return undefined;
      }
    };
    this.link = new Link({
      url: "ws://x/ws",
      ticket: async () => "ticket",
      makeSocket: this.server.make,
      random: () => 0,
      network: () => () => {},
    });
    this.call = new Call(this.link, {
      makePeer: (config) => {
        const peer = new FakePeer(config);
        this.peers.push(peer);
        return peer.pc;
      },
      random: () => 0,
      network: (listener) => {
        this.hint = listener;
        return () => {};
      },
    });
    this.call.subscribe(() => {
      const { phase } = this.state();
      if (this.phases.at(-1) !== phase) {
        this.phases.push(phase);
      }
    });
  }

  state(): CallState {
    return this.call.getSnapshot();
  }

  /** The latest connection. */
  peer(): FakePeer {
    const last = this.peers.at(-1);
    if (!last) {
      throw new Error("no connection was made");
    }
    return last;
  }

  join(): Promise<void> {
    return this.call.join({
      grant: () => this.grant(),
      audio: this.microphone.media,
      video: this.camera.media,
    });
  }

  /** Joins and connects. */
  async meet(): Promise<void> {
    await this.join();
    this.peer().ice("connected");
    await pass(0);
  }

  async end(): Promise<void> {
    await this.call.leave();
    this.link.stop();
  }
}
