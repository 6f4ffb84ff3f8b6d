import { Backoff } from "./backoff.ts";
import { ChatLog, isRefusedForGood, newClientId } from "./chat.ts";
import { EndedError, isFinal, OfflineError, RequestError, StopError } from "./errors.ts";
import type { Link } from "./link.ts";
import { MediaPath } from "./media.ts";
import { browserHints, type NetworkHints } from "./network.ts";
import type { MakePeer, Sending } from "./peer.ts";
import type { JoinedReply, ServerEvent, Source } from "./protocol.ts";
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
const CHAT_AGAIN_MS = 2000;
const FIRST_TRIES = 3;
const LEAVE_MS = 1500;

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
  readonly #room = new RoomView();
  readonly #local = new Map<Source, Sending>();
  readonly #views = new Map<string, { height: number; visible: boolean }>();
  readonly #watched = new WeakSet<MediaStreamTrack>();
  #state: CallState = initialState;
  #join: JoinOptions | null = null;
  #path: MediaPath | null = null;
  #epoch = 0; // of the present join: what belongs to an older one is dropped
  #inRoom = false;
  #rejoining = false;
  #lineDown = false;
  #chatBusy = false;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #off: (() => void)[] = [];

  constructor(link: Link, options: CallOptions = {}) {
    this.#link = link;
    this.#options = options;
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
    this.#local.set("microphone", {
      track: options.audio ?? null,
      muted: options.muted?.microphone ?? this.#state.local.microphone.muted,
    });
    this.#local.set("camera", {
      track: options.video ?? null,
      muted: options.muted?.camera ?? this.#state.local.camera.muted,
    });
    for (const { track, muted } of this.#local.values()) {
      if (track) {
        track.enabled = !muted;
        this.#watchTrack(track);
      }
    }
    this.#set({ phase: "joining", endedReason: undefined, ...this.#localState() });
    this.#listen();
    this.#link.start();
    await this.#enter(++this.#epoch, true);
  }

  async leave(): Promise<void> {
    if (this.#state.phase === "idle" || this.#state.phase === "ended") {
      return;
    }
    this.#end("left");
    await this.#link.request({ type: "leave" }, LEAVE_MS).catch(() => {}); // we are gone anyway
  }

  async setTrack(source: "microphone" | "camera", track: MediaStreamTrack | null): Promise<void> {
    const muted = this.#local.get(source)?.muted ?? false;
    await this.#put(source, { track, muted });
  }

  setMuted(source: LocalSource, muted: boolean): void {
    const track = this.#local.get(source)?.track ?? null;
    void this.#put(source, { track, muted });
  }

  async shareScreen(video: MediaStreamTrack, audio?: MediaStreamTrack): Promise<void> {
    // The browser's own "stop sharing" button ends the track.
    video.addEventListener("ended", () => {
      if (this.#local.get("screen")?.track === video) {
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
      this.#local.delete(source);
      await this.#path?.peer.withdraw(source);
    }
    this.#set(this.#localState());
  }

  sendChat(text: string): void {
    const self = this.#state.self;
    if (text.trim() === "" || !self || this.#state.phase === "ended") {
      return;
    }
    this.#chat.write(text, self, newClientId(), new Date().toISOString());
    this.#set({ chat: this.#chat.entries() });
    void this.#pumpChat();
  }

  setView(trackId: string, height: number, visible: boolean): void {
    const view = { height: Math.max(0, Math.min(Math.round(height), 16_384)), visible };
    const before = this.#views.get(trackId);
    if (before?.height === view.height && before.visible === visible) {
      return;
    }
    this.#views.set(trackId, view);
    this.#tell({ type: "view", track: trackId, ...view });
  }

  restart(): void {
    this.#link.poke();
    if (this.#path && !this.#rejoining) {
      this.#path.restart();
    }
  }

  // What is wanted locally

  async #put(source: Source, sending: Sending): Promise<void> {
    this.#local.set(source, sending);
    const { track, muted } = sending;
    if (track) {
      track.enabled = !muted;
      this.#watchTrack(track);
    }
    this.#set(this.#localState());
    const path = this.#path;
    if (path) {
      const offered = path.peer.offered(source);
      await path.peer.send(source, sending);
      if (offered) {
        this.#tell({ type: "mute", source, muted: muted || !track });
      }
    }
  }

  #watchTrack(track: MediaStreamTrack): void {
    if (!this.#watched.has(track)) {
      this.#watched.add(track);
      track.addEventListener("ended", () => this.#set(this.#localState()));
    }
  }

  #localState(): Pick<CallState, "local"> {
    const of = (source: LocalSource) => {
      const sending = this.#local.get(source);
      const track = sending?.track ?? null;
      return {
        mediaTrack: track ?? undefined,
        muted: sending?.muted ?? false,
        ended: track?.readyState === "ended",
      };
    };
    return { local: { microphone: of("microphone"), camera: of("camera"), screen: of("screen") } };
  }

  // Joining

  async #enter(epoch: number, first: boolean): Promise<void> {
    const backoff = new Backoff(this.#options.random);
    for (;;) {
      try {
        await this.#attempt(epoch);
        return;
      } catch (error) {
        if (epoch !== this.#epoch) {
          throw new EndedError(this.#state.endedReason ?? "superseded");
        }
        const code = error instanceof RequestError ? error.code : "";
        if (error instanceof StopError || (error instanceof RequestError && isFinal(error.code))) {
          this.#end(error instanceof StopError ? error.reason : code);
          throw error;
        }
        const retriable = error instanceof RequestError || error instanceof OfflineError;
        if (first && (!retriable || code === "room_full" || backoff.tries >= FIRST_TRIES)) {
          this.#end(code || "failed");
          throw error;
        }
        this.#log(`join failed: ${code || (error instanceof Error ? error.name : "error")}`);
        await new Promise((resolve) => setTimeout(resolve, backoff.next()));
        if (epoch !== this.#epoch) {
          throw new EndedError(this.#state.endedReason ?? "superseded");
        }
      }
    }
  }

  async #attempt(epoch: number): Promise<void> {
    const options = this.#join;
    if (!options) {
      throw new StopError("left");
    }
    await this.#link.ready();
    const ticket = await options.grant();
    await this.#link.ready();
    this.#ifPresent(epoch);
    const pc = (this.#options.makePeer ?? makeBrowserPeer)({
      iceServers: ticket.iceServers,
      bundlePolicy: "max-bundle",
      ...(options.transport ? { iceTransportPolicy: options.transport } : {}),
    });
    const path = new MediaPath(
      pc,
      async (sdp, tracks) => (await this.#link.request({ type: "offer", sdp, tracks })).sdp,
      {
        state: (state) => this.#set({ media: { ...this.#state.media, state } }),
        measured: ({ quality, relay }) =>
          this.#set({ quality, media: { ...this.#state.media, relay } }),
        lost: (reason) => this.#rejoin(reason),
      },
    );
    try {
      await path.open(this.#local, async (sdp, tracks) => {
        const joined = await this.#link.request({
          type: "join",
          grant: ticket.grant,
          room: ticket.room,
          sdp,
          tracks,
        });
        this.#ifPresent(epoch);
        this.#path?.close();
        this.#path = path;
        this.#joined(joined);
        return joined.sdp;
      });
    } catch (error) {
      path.close();
      if (this.#path === path) {
        this.#path = null;
      }
      throw error;
    }
    this.#settleIn(false);
  }

  #ifPresent(epoch: number): void {
    if (epoch !== this.#epoch) {
      throw new EndedError(this.#state.endedReason ?? "superseded");
    }
  }

  #joined(joined: JoinedReply): void {
    this.#rejoining = false;
    this.#inRoom = true;
    this.#chat.add(joined.chat);
    this.#room.enter(joined);
    this.#set({
      room: joined.room,
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
    for (const [source, sending] of this.#local) {
      const muted = sending.muted || !sending.track;
      const peer = this.#path?.peer;
      if (peer?.offered(source) && (resumed || peer.told(source) !== muted)) {
        this.#tell({ type: "mute", source, muted });
      }
    }
    const shown = this.#room.shown();
    this.#tellViews((track) => shown.has(track));
    // The answer has given the slots their receivers.
    this.#set(this.#roomState());
    void this.#pumpChat();
  }

  #rejoin(reason: string): void {
    if (!this.#join || this.#rejoining || this.#state.phase === "ended") {
      return;
    }
    this.#log(`joining again: ${reason}`);
    this.#rejoining = true;
    this.#set(this.#roomState());
    this.#enter(++this.#epoch, false).catch(() => {}); // the snapshot says how it ended
  }

  // What comes in

  #listen(): void {
    this.#unlisten();
    this.#off = [
      this.#link.onEvent((event) => this.#event(event)),
      this.#link.onSession((resumed) => this.#session(resumed)),
      this.#link.onState((state) => {
        if (state.status === "closed" || state.status === "idle") {
          this.#end(state.reason ?? "failed");
        } else if (state.status !== "open") {
          this.#path?.line(false);
          this.#grace ??= setTimeout(() => {
            this.#lineDown = true;
            this.#set(this.#roomState());
          }, GRACE_MS);
        }
      }),
      (this.#options.network ?? browserHints)(() => this.#networkChanged()),
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

  #networkChanged(): void {
    // With the path lost, or about to be, a new one is looked for at once.
    if (this.#path && !this.#rejoining && this.#state.phase !== "ended") {
      this.#path.restart();
    }
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
        this.#set({ chat: this.#chat.entries() });
        return;
      case "speakers":
        this.#set({ speakers: event.speakers });
        return;
      case "media":
        this.#path?.serverSays(event.state);
        return;
      case "layers":
        this.#path?.applyLayers(event.layers);
        return;
      case "negotiate":
        this.#path?.peer.addSlots(event.audio, event.video);
        this.#path?.negotiate();
        return;
      case "admitted":
        this.#chat.add(event.chat);
        this.#set({ chat: this.#chat.entries() });
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

  /** Sends a wish; when it is lost with the line, settleIn tells it again. */
  #tell(message: Parameters<Link["request"]>[0]): void {
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

  async #pumpChat(): Promise<void> {
    if (this.#chatBusy) {
      return;
    }
    this.#chatBusy = true;
    try {
      for (;;) {
        const entry = this.#chat.next();
        if (!entry?.clientId || this.#state.phase !== "connected") {
          return;
        }
        try {
          const { clientId, text } = entry;
          this.#chat.confirm(entry, await this.#link.request({ type: "chat", clientId, text }));
        } catch (error) {
          if (error instanceof OfflineError) {
            return; // settleIn goes on
          }
          if (isRefusedForGood(error)) {
            this.#chat.refuse(entry);
          } else {
            await new Promise((resolve) => setTimeout(resolve, CHAT_AGAIN_MS));
          }
        }
        this.#set({ chat: this.#chat.entries() });
      }
    } finally {
      this.#chatBusy = false;
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
    this.#local.delete("screen");
    this.#local.delete("screen-audio");
    this.#views.clear();
    this.#room.leave();
    this.#set({
      ...this.#roomState(),
      phase: "ended",
      endedReason: reason,
      media: initialState.media,
      quality: unknownQuality,
      speakers: [],
      ...this.#localState(),
    });
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
