import {
  type CallHandle,
  type CallState,
  faultOf,
  type JoinTicket,
  type LocalSource,
  type Screen,
} from "../rtc";
import type { LocalMedia } from "./callMedia";
import { remember, type Shelf } from "./callMemory";

/** What the session asks the clinic's API for. */
export interface CallDesk {
  ticket(encounterId: string): Promise<JoinTicket>;
  admit(encounterId: string, identity: string): Promise<void>;
  finish(encounterId: string): Promise<void>;
}

export interface SessionState {
  call: CallState;
  /** Stable code of what refused the entry: a problem's, or one of the protocol's. */
  refused: string | undefined;
  entering: boolean;
  shareRefused: boolean;
}

export interface SessionParts {
  encounterId: string;
  call: CallHandle;
  media: LocalMedia;
  desk: CallDesk;
  shelf: Shelf | undefined;
}

/**
 * One person's stay in one consultation: joins the call and the person's own devices.
 * Borrows both; whoever made them closes them.
 */
export class CallSession {
  readonly call: CallHandle;
  readonly media: LocalMedia;
  readonly encounterId: string;
  private state: SessionState;
  private readonly listeners = new Set<() => void>();
  private readonly unsubscribe: () => void;

  constructor(private readonly parts: SessionParts) {
    this.encounterId = parts.encounterId;
    this.media = parts.media;
    this.call = parts.call;
    this.state = {
      call: this.call.getSnapshot(),
      refused: undefined,
      entering: false,
      shareRefused: false,
    };
    this.unsubscribe = this.call.subscribe(() => this.set({ call: this.call.getSnapshot() }));
  }

  getSnapshot = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Enters the room or its waiting room with what the devices give. A refusal lands in the state. */
  async enter(): Promise<void> {
    if (this.state.entering) return;
    this.set({ entering: true, refused: undefined });
    const { encounterId, desk, shelf } = this.parts;
    const { camera, microphone, micMuted, cameraMuted } = this.media.getSnapshot();
    try {
      await this.call.join({
        grant: () => desk.ticket(encounterId),
        audio: microphone,
        video: camera,
        muted: { microphone: micMuted, camera: cameraMuted },
      });
      remember(shelf, { room: encounterId });
      this.media.connect((source, track) => this.call.setTrack(source, track));
      await this.catchUp(camera, microphone);
      this.set({ entering: false });
    } catch (error) {
      this.set({ entering: false, refused: codeOf(error) });
    }
  }

  /** Leaves for good; the tab forgets the room. */
  async leave(): Promise<void> {
    remember(this.parts.shelf, { room: "", micMuted: false, cameraMuted: false });
    this.media.connect(undefined);
    await this.call.leave().catch(() => undefined);
  }

  /** Lets go of the call without leaving the room in the tab's memory. */
  dispose(): void {
    this.unsubscribe();
    this.listeners.clear();
    this.media.connect(undefined);
  }

  async setMuted(source: Exclude<LocalSource, "screen">, muted: boolean): Promise<void> {
    // The server hears of it first: nothing more goes out even if the device is slow to stop.
    if (muted) this.call.setMuted(source, true);
    await (source === "microphone"
      ? this.media.setMicMuted(muted)
      : this.media.setCameraMuted(muted));
    const now = this.media.getSnapshot();
    const still = source === "microphone" ? now.micMuted : now.cameraMuted;
    if (!muted && !still) this.call.setMuted(source, false);
  }

  /** Shares what the person picks; closing the browser's own picker is no fault to report. */
  async share(pick: () => Promise<Screen>): Promise<void> {
    this.set({ shareRefused: false });
    try {
      const { video, audio } = await pick();
      await this.call.shareScreen(video, audio);
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== "denied" && fault !== "dismissed") this.set({ shareRefused: true });
    }
  }

  async stopShare(): Promise<void> {
    const { mediaTrack } = this.call.getSnapshot().local.screen;
    await this.call.stopScreen().catch(() => undefined);
    mediaTrack?.stop();
  }

  forgetShareFault(): void {
    this.set({ shareRefused: false });
  }

  admit(identity: string): Promise<void> {
    return this.parts.desk.admit(this.encounterId, identity);
  }

  async finish(): Promise<void> {
    await this.parts.desk.finish(this.encounterId);
    remember(this.parts.shelf, { room: "", micMuted: false, cameraMuted: false });
  }

  /** Devices may have changed while the join was under way. */
  private async catchUp(
    camera: MediaStreamTrack | undefined,
    microphone: MediaStreamTrack | undefined,
  ): Promise<void> {
    const now = this.media.getSnapshot();
    if (now.camera !== camera) await this.call.setTrack("camera", now.camera ?? null);
    if (now.microphone !== microphone)
      await this.call.setTrack("microphone", now.microphone ?? null);
  }

  private set(change: Partial<SessionState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

/** The stable code inside whatever was thrown. */
export function codeOf(error: unknown): string {
  if (typeof error === "object" && error !== null) {
    const { code, reason } = error as { code?: unknown; reason?: unknown };
    if (typeof code === "string" && code !== "") return code;
    if (typeof reason === "string" && reason !== "") return reason;
  }
  return "failed";
}
