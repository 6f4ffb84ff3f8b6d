import { ChatLog, ChatSender, newClientId } from "./chat.ts";
import { EndedError, RequestError } from "./errors.ts";
import { type JoinContext, keepJoining } from "./join.ts";
import type { Link, LinkState } from "./link.ts";
import { LocalSources, silent } from "./local.ts";
import type { MediaPath } from "./media.ts";
import { browserHints, type NetworkHints } from "./network.ts";
import type { MakePeer, Sending } from "./peer.ts";
import type { JoinedReply, Request, ServerEvent, Source } from "./protocol.ts";
import { RoomView } from "./room.ts";
import type { CallHandle, CallState, EndedReason, JoinOptions, LocalSource } from "./state.ts";
import { initialState, unknownQuality } from "./state.ts";

export interface CallOptions {
  makePeer?: MakePeer | undefined;
  network?: NetworkHints | undefined;
  random?: (() => number) | undefined;
  /** Told what went wrong and was retried; nothing personal is in it. */
  logger?: ((message: string) => void) | undefined;
}

const GRACE_MS = 1200; // a line that is back sooner isn't worth a word
const LEAVE_MS = 1500;
const STEADY_MS = 30_000; // a stay that long makes the next rejoin the first again
const MAX_HEIGHT = 16_384;

const makeBrowserPeer: MakePeer = (config) => new RTCPeerConnection(config);

/**
 * One consultation as this device takes part in it. It keeps what the person wants (tracks,
 * mutes, views, messages) and brings the server to it after every loss: by resume when the line
 * was lost, by an ICE restart when the media path was, and by a new join when neither helps.
 *
 * Tracks that are handed in stay the caller's to stop.
 */
export class Call implements CallHandle {
  readonly #link: Link;
  readonly #options: CallOptions;
  readonly #listeners = new Set<() => void>();
  readonly #chat = new ChatLog();
  readonly #sender: ChatSender;
  readonly #room = new RoomView();
  readonly #local = new LocalSources(() => this.#set(this.#local.state()));
  readonly #views = new Map<string, { height: number; visible: boolean }>();
  #state: CallState = initialState;
  #join: JoinOptions | null = null;
  #path: MediaPath | null = null;
  #epoch = 0; // of the present join: what belongs to an older one is dropped
  #joinedAt = 0;
  #rejoins = 0; // with short stays between
  #inRoom = false;
  #rejoining = false;
  #lineDown = false;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #off: (() => void)[] = [];

  constructor(link: Link, options: CallOptions = {}) {
    this.#link = link;
    this.#options = options;
    this.#sender = new ChatSender(this.#chat, link, () => this.#showChat());
  }

  getSnapshot = (): CallState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  async join(options: JoinOptions): Promise<void> {
    if (this.#state.phase !== "idle" && this.#state.phase !== "ended") {
      throw new Error("the call is under way");
    }
    this.#join = options;
    this.#local.begin(options);
    this.#set({ phase: "joining", endedReason: undefined, ...this.#local.state() });
    this.#listen();
    this.#link.start();
    await this.#enter(options, true);
  }

  async leave(): Promise<void> {
    if (this.#state.phase === "idle" || this.#state.phase === "ended") {
      return;
    }
    this.#end("left");
    await this.#link.request({ type: "leave" }, LEAVE_MS).catch(() => {}); // we are gone anyway
  }

  async setTrack(source: "microphone" | "camera", track: MediaStreamTrack | null): Promise<void> {
    await this.#put(source, { track, muted: this.#local.muted(source) });
  }

  setMuted(source: LocalSource, muted: boolean): void {
    void this.#put(source, { track: this.#local.track(source), muted });
  }

  async shareScreen(video: MediaStreamTrack, audio?: MediaStreamTrack): Promise<void> {
    // The browser's own "stop sharing" button ends the track.
    video.addEventListener("ended", () => {
      if (this.#local.track("screen") === video) {
        void this.stopScreen();
      }
    });
    await this.#put("screen", { track: video, muted: false });
    if (audio) {
      await this.#put("screen-audio", { track: audio, muted: false });
    }
  }

  async stopScreen(): Promise<void> {
    for (const source of ["screen", "screen-audio"] as const) {
      this.#local.drop(source);
      await this.#path?.peer.withdraw(source);
    }
    this.#set(this.#local.state());
  }

  sendChat(text: string): void {
    const self = this.#state.self;
    if (text.trim() === "" || !self || this.#state.phase === "ended") {
      return;
    }
    this.#chat.write(text, self, newClientId(), new Date().toISOString());
    this.#showChat();
    this.#sendPending();
  }

  setView(trackId: string, height: number, visible: boolean): void {
    const view = { height: Math.max(0, Math.min(Math.round(height), MAX_HEIGHT)), visible };
    const before = this.#views.get(trackId);
    if (before?.height === view.height && before.visible === visible) {
      return;
    }
    this.#views.set(trackId, view);
    this.#tell({ type: "view", track: trackId, ...view });
  }

  restart(): void {
    this.#link.poke();
    if (!this.#rejoining) {
      this.#path?.restart();
    }
  }

  // Joining

  #enter(options: JoinOptions, first: boolean): Promise<void> {
    const epoch = ++this.#epoch;
    const context: JoinContext = {
      link: this.#link,
      options,
      makePeer: this.#options.makePeer ?? makeBrowserPeer,
      sources: this.#local.all,
      events: {
        state: (state) => this.#set({ media: { ...this.#state.media, state } }),
        measured: ({ quality, relay }) =>
          this.#set({ quality, media: { ...this.#state.media, relay } }),
        lost: (reason) => this.#rejoin(reason),
      },
      wanted: () => {
        if (epoch !== this.#epoch) {
          throw new EndedError(this.#state.endedReason ?? "superseded");
        }
      },
      joined: (path, reply) => this.#joined(path, reply),
    };
    const failed = (reason: string, final: boolean) => {
      this.#log(`join failed: ${reason}`);
      if (final) {
        this.#end(reason);
      } else {
        this.#rejoining = this.#inRoom;
        this.#set(this.#roomState());
      }
    };
    return keepJoining(context, first, this.#options.random, failed).then(() => {
      if (epoch === this.#epoch) {
        this.#settleIn(false);
      }
    });
  }

  #joined(path: MediaPath, reply: JoinedReply): void {
    this.#path?.close();
    this.#path = path;
    this.#joinedAt = Date.now();
    this.#rejoining = false;
    this.#inRoom = true;
    this.#chat.add(reply.chat);
    this.#room.enter(reply);
    this.#set({
      room: reply.room,
      chat: this.#chat.entries(),
      speakers: [],
      quality: unknownQuality,
      media: { state: "new", relay: "" },
      ...this.#roomState(),
    });
  }

  /** After a join or a resume: tell again what may have been lost, or has changed meanwhile. */
  #settleIn(resumed: boolean): void {
    this.#path?.line(true);
    for (const [source, sending] of this.#local.all) {
      const peer = this.#path?.peer;
      peer?.send(source, sending).catch(() => {}); // changed while the join was under way
      if (peer?.offered(source) && (resumed || peer.told(source) !== silent(sending))) {
        this.#tell({ type: "mute", source, muted: silent(sending) });
      }
    }
    const shown = this.#room.shown();
    this.#tellViews((track) => shown.has(track));
    // The answer has given the slots their receivers.
    this.#set(this.#roomState());
    this.#sendPending();
  }

  #rejoin(reason: string): void {
    if (!this.#join || this.#rejoining) {
      return;
    }
    this.#log(`joining again: ${reason}`);
    this.#rejoining = true;
    this.#set(this.#roomState());
    const options = this.#join;
    this.#rejoins = Date.now() - this.#joinedAt > STEADY_MS ? 1 : this.#rejoins + 1;
    // The first is made at once, but what throws us out again and again isn't stormed.
    const wait = this.#rejoins === 1 ? 0 : Math.min(5000, 500 * 2 ** (this.#rejoins - 2));
    const epoch = ++this.#epoch;
    const enter = () => {
      if (epoch === this.#epoch) {
        this.#enter(options, false).catch(() => {}); // the snapshot says how it ended
      }
    };
    if (wait === 0) {
      enter();
    } else {
      setTimeout(enter, wait);
    }
  }

  #end(reason: EndedReason): void {
    if (this.#state.phase === "ended") {
      return;
    }
    this.#epoch++;
    this.#unlisten();
    this.#path?.close();
    this.#path = null;
    this.#join = null;
    this.#inRoom = this.#rejoining = this.#lineDown = false;
    this.#local.drop("screen");
    this.#local.drop("screen-audio");
    this.#views.clear();
    this.#room.leave();
    this.#set({
      ...this.#roomState(),
      phase: "ended",
      endedReason: reason,
      media: initialState.media,
      quality: unknownQuality,
      speakers: [],
      ...this.#local.state(),
    });
  }

  // What comes in

  #listen(): void {
    this.#unlisten();
    this.#off = [
      this.#link.onEvent((event) => this.#event(event)),
      this.#link.onSession((resumed) => this.#session(resumed)),
      this.#link.onState((state) => this.#line(state)),
      (this.#options.network ?? browserHints)((hint) => {
        const healthy = this.#path?.state === "connected";
        if (!this.#rejoining && (hint === "network" || !healthy)) {
          this.#path?.restart();
        }
      }),
    ];
  }

  #unlisten(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
    for (const off of this.#off) {
      off();
    }
    this.#off = [];
  }

  #line(state: LinkState): void {
    if (state.status === "closed" || state.status === "idle") {
      this.#end(state.reason ?? "failed");
    } else if (state.status !== "open") {
      this.#path?.line(false);
      this.#grace ??= setTimeout(() => {
        this.#lineDown = true;
        this.#set(this.#roomState());
      }, GRACE_MS);
    }
  }

  #session(resumed: boolean): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
    this.#lineDown = false;
    if (this.#inRoom && !this.#rejoining) {
      if (resumed) {
        this.#settleIn(true);
      } else {
        this.#rejoin("new session");
      }
    }
    this.#set(this.#roomState());
  }

  #event(event: ServerEvent): void {
    switch (event.type) {
      case "removed":
        if (event.reason === "media") {
          this.#rejoin("removed by the media server");
        } else {
          this.#end(event.reason);
        }
        return;
      case "room_closed":
        this.#end(event.reason);
        return;
      case "chat":
        this.#chat.add([event.message]);
        this.#showChat();
        return;
      case "speakers":
        this.#set({ speakers: event.speakers });
        return;
      case "layers":
        this.#path?.applyLayers(event.layers);
        return;
      case "negotiate":
        this.#path?.peer.addSlots(event.audio, event.video);
        this.#path?.negotiate();
        return;
      case "media":
        this.#path?.serverSays(event.state);
        break;
      case "admitted":
        this.#chat.add(event.chat);
        this.#showChat();
        break;
      case "track_removed":
        this.#views.delete(event.trackId);
        break;
    }
    const before = this.#room.shown();
    if (this.#room.apply(event)) {
      this.#set(this.#roomState());
      // A wish counts for the slot that the track is on.
      this.#tellViews((track) => this.#room.shown().has(track) && !before.has(track));
      this.#sendPending();
    }
  }

  #roomState(): Pick<CallState, "phase" | "self" | "participants" | "tracks"> {
    const { self } = this.#room;
    let { phase } = this.#state;
    if (this.#inRoom && self) {
      const away = this.#lineDown || this.#rejoining;
      phase = away ? "reconnecting" : self.lobby ? "lobby" : "connected";
    }
    return {
      phase,
      self,
      participants: this.#room.participants,
      tracks: this.#room.view((mid) => this.#path?.peer.received(mid)),
    };
  }

  // What goes out

  async #put(source: Source, sending: Sending): Promise<void> {
    this.#local.put(source, sending);
    this.#set(this.#local.state());
    const path = this.#path;
    if (path) {
      const offered = path.peer.offered(source);
      await path.peer.send(source, sending);
      if (offered) {
        this.#tell({ type: "mute", source, muted: silent(sending) });
      }
    }
  }

  /** Sends a wish; when it is lost with the line, settleIn tells it again. */
  #tell(message: Request): void {
    if (this.#path && this.#link.state.status === "open") {
      this.#link.request(message).catch((error: unknown) => {
        if (error instanceof RequestError) {
          this.#log(`${message.type} refused: ${error.code}`);
        }
      });
    }
  }

  #tellViews(which: (track: string) => boolean): void {
    for (const [track, view] of this.#views) {
      if (which(track)) {
        this.#tell({ type: "view", track, ...view });
      }
    }
  }

  #sendPending(): void {
    void this.#sender.run(() => this.#state.phase === "connected");
  }

  #showChat(): void {
    this.#set({ chat: this.#chat.entries() });
  }

  #log(message: string): void {
    this.#options.logger?.(message);
  }

  #set(patch: Partial<CallState>): void {
    const next = { ...this.#state, ...patch };
    const keys = Object.keys(patch) as (keyof CallState)[];
    if (keys.every((key) => this.#state[key] === next[key])) {
      return;
    }
    this.#state = next;
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}
