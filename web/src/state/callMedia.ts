import { type DeviceFault, faultOf } from "./callFault";
import { type Memory, recall, remember, type Shelf, type Take } from "./callMemory";

/** A camera, microphone or speaker to choose; the label is empty before permission. */
export interface Device {
  id: string;
  label: string;
}

export interface MediaState {
  take: Take;
  /** The browser is asking the person, or a device is starting. */
  asking: boolean;
  camera: MediaStreamTrack | undefined;
  microphone: MediaStreamTrack | undefined;
  cameraFault: DeviceFault | undefined;
  microphoneFault: DeviceFault | undefined;
  micMuted: boolean;
  cameraMuted: boolean;
  facing: "user" | "environment";
  cameras: Device[];
  microphones: Device[];
  speakers: Device[];
  cameraId: string;
  microphoneId: string;
  speakerId: string;
}

/** The part of navigator.mediaDevices that is used; tests give their own. */
export type Devices = Pick<
  MediaDevices,
  "getUserMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener"
>;

/** Where a new or lost track goes; the call, once there is one. */
export type TrackSink = (
  source: "camera" | "microphone",
  track: MediaStreamTrack | null,
) => Promise<void>;

type Kind = "camera" | "microphone";

const videoWish: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};
const audioWish: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/**
 * One's own camera and microphone: acquires them, keeps them alive through unplugging
 * and phone calls, and remembers choices and mutes for the tab. Owns its tracks and
 * stops them. Not the call: that gets the tracks through the sink.
 */
export class LocalMedia {
  private state: MediaState;
  private readonly listeners = new Set<() => void>();
  private sink: TrackSink | undefined;
  /** Acquisitions run one after another: two at once fail on phones. */
  private queue: Promise<void> = Promise.resolve();
  private interrupted = false;
  private closed = false;

  constructor(
    private readonly devices: Devices | undefined,
    private readonly shelf: Shelf | undefined,
    private readonly page: Document | undefined = globalThis.document,
  ) {
    const kept = recall(shelf);
    this.state = {
      take: kept.take,
      asking: false,
      camera: undefined,
      microphone: undefined,
      cameraFault: undefined,
      microphoneFault: undefined,
      micMuted: kept.micMuted,
      cameraMuted: kept.cameraMuted,
      facing: "user",
      cameras: [],
      microphones: [],
      speakers: [],
      cameraId: kept.cameraId,
      microphoneId: kept.microphoneId,
      speakerId: kept.speakerId,
    };
    devices?.addEventListener("devicechange", this.onDeviceChange);
    page?.addEventListener("visibilitychange", this.onVisible);
  }

  getSnapshot = (): MediaState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Sends present and later tracks to the call; undefined stops that. */
  connect(sink: TrackSink | undefined): void {
    this.sink = sink;
  }

  /** Asks for what the way of taking part needs. Faults land in the state, nothing is thrown. */
  open(take: Take = this.state.take): Promise<void> {
    this.keep({ take });
    this.set({ take });
    return this.run(async () => {
      if (take === "chat") {
        await this.drop("camera");
        await this.drop("microphone");
        this.set({ cameraFault: undefined, microphoneFault: undefined });
        return;
      }
      if (take === "audio") await this.drop("camera");
      const wantCamera = take === "video" && !this.state.cameraMuted && !this.state.camera;
      const wantMicrophone = !this.state.microphone;
      if (wantCamera && wantMicrophone) await this.acquireBoth();
      else if (wantCamera) await this.acquire("camera");
      else if (wantMicrophone) await this.acquire("microphone");
      await this.list();
    });
  }

  choose(kind: Kind | "speaker", id: string): Promise<void> {
    if (kind === "speaker") {
      this.keep({ speakerId: id });
      this.set({ speakerId: id });
      return Promise.resolve();
    }
    if (kind === "camera") {
      this.keep({ cameraId: id });
      this.set({ cameraId: id, facing: "user" });
      if (this.state.cameraMuted || this.state.take !== "video") return Promise.resolve();
    } else {
      this.keep({ microphoneId: id });
      this.set({ microphoneId: id });
    }
    return this.run(() => this.acquire(kind));
  }

  /** Turns a phone's camera from the face to the room and back. */
  flip(): Promise<void> {
    const facing = this.state.facing === "user" ? "environment" : "user";
    this.keep({ cameraId: "" });
    this.set({ facing, cameraId: "" });
    return this.run(() => this.acquire("camera"));
  }

  /** The microphone stays open when muted, so that speaking again is instant. */
  setMicMuted(micMuted: boolean): Promise<void> {
    this.keep({ micMuted });
    const { microphone } = this.state;
    if (microphone) microphone.enabled = !micMuted;
    this.set({ micMuted });
    const dead = !microphone || microphone.readyState === "ended" || this.interrupted;
    if (micMuted || !dead) return Promise.resolve();
    return this.run(() => this.acquire("microphone"));
  }

  /** The camera is let go when muted, so that its lamp goes out. */
  setCameraMuted(cameraMuted: boolean): Promise<void> {
    this.keep({ cameraMuted, ...(cameraMuted ? {} : { take: "video" }) });
    this.set({ cameraMuted, ...(cameraMuted ? {} : { take: "video" }) });
    return this.run(async () => {
      if (this.state.cameraMuted) {
        stop(this.state.camera);
        this.set({ camera: undefined, cameraFault: undefined });
      } else if (!this.state.camera) {
        await this.acquire("camera");
      }
    });
  }

  /** Starts anew what has stopped or failed. */
  mend(): Promise<void> {
    this.interrupted = false;
    return this.run(async () => {
      const { take, cameraMuted, camera, microphone } = this.state;
      if (take !== "chat" && dead(microphone)) await this.acquire("microphone");
      if (take === "video" && !cameraMuted && dead(camera)) await this.acquire("camera");
      await this.list();
    });
  }

  close(): void {
    this.closed = true;
    this.devices?.removeEventListener("devicechange", this.onDeviceChange);
    this.page?.removeEventListener("visibilitychange", this.onVisible);
    this.sink = undefined;
    stop(this.state.camera);
    stop(this.state.microphone);
    this.set({ camera: undefined, microphone: undefined });
    this.listeners.clear();
  }

  private run(work: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(async () => {
      if (this.closed) return;
      this.set({ asking: true });
      try {
        await work();
      } finally {
        this.set({ asking: false });
      }
    });
    return this.queue;
  }

  /** One question to the person for both; each alone if both together fail. */
  private async acquireBoth(): Promise<void> {
    try {
      const stream = await this.request({ audio: this.wish("microphone"), video: this.wish("camera") });
      await this.put("microphone", stream.getAudioTracks()[0]);
      await this.put("camera", stream.getVideoTracks()[0]);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === "denied" || fault === "dismissed" || fault === "unsupported" || fault === "insecure") {
        // The person or the browser said no to the page, so asking again for each would only pester;
        // a microphone allowed before is still worth a try.
        this.set({ cameraFault: fault });
        await this.acquire("microphone");
        return;
      }
      await this.acquire("microphone");
      await this.acquire("camera");
    }
  }

  private async acquire(kind: Kind): Promise<void> {
    // Safari and some phones refuse a second track while the first one lives.
    stop(this.state[kind]);
    this.set(kind === "camera" ? { camera: undefined } : { microphone: undefined });
    try {
      const wish = this.wish(kind);
      const stream = await this.request(kind === "camera" ? { video: wish } : { audio: wish });
      await this.put(kind, stream.getTracks()[0]);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === "unsuitable" && this.forget(kind)) return this.acquire(kind);
      this.set(kind === "camera" ? { cameraFault: fault } : { microphoneFault: fault });
    }
  }

  /** Gives up the remembered device; false when none was remembered. */
  private forget(kind: Kind): boolean {
    const key = kind === "camera" ? "cameraId" : "microphoneId";
    if (!this.state[key]) return false;
    this.keep({ [key]: "" });
    this.set({ [key]: "" });
    return true;
  }

  private async put(kind: Kind, track: MediaStreamTrack | undefined): Promise<void> {
    if (!track) return;
    if (this.closed) {
      stop(track);
      return;
    }
    if (kind === "microphone") track.enabled = !this.state.micMuted;
    track.addEventListener("ended", () => this.onEnded(kind, track));
    // iOS mutes tracks during a phone call and may never bring the sound back by itself.
    track.addEventListener("mute", () => {
      this.interrupted = true;
    });
    track.addEventListener("unmute", () => {
      this.interrupted = false;
    });
    this.set(
      kind === "camera"
        ? { camera: track, cameraFault: undefined }
        : { microphone: track, microphoneFault: undefined },
    );
    await this.sink?.(kind, track);
  }

  private async drop(kind: Kind): Promise<void> {
    const track = this.state[kind];
    if (!track) return;
    stop(track);
    this.set(kind === "camera" ? { camera: undefined } : { microphone: undefined });
    await this.sink?.(kind, null);
  }

  private async request(wish: MediaStreamConstraints): Promise<MediaStream> {
    if (!this.devices) {
      const name = globalThis.isSecureContext === false ? "SecurityError" : "NotSupportedError";
      throw new DOMException("no media devices", name);
    }
    return this.devices.getUserMedia(wish);
  }

  private wish(kind: Kind): MediaTrackConstraints {
    const { cameraId, microphoneId, facing } = this.state;
    if (kind === "microphone") {
      return microphoneId ? { ...audioWish, deviceId: { exact: microphoneId } } : audioWish;
    }
    return cameraId
      ? { ...videoWish, deviceId: { exact: cameraId } }
      : { ...videoWish, facingMode: facing };
  }

  private async list(): Promise<void> {
    const all = (await this.devices?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: MediaDeviceKind): Device[] =>
      all
        // Chrome lists the default device twice; the empty choice stands for it.
        .filter((one) => one.kind === kind && one.deviceId !== "" && one.deviceId !== "default")
        .map((one) => ({ id: one.deviceId, label: one.label }));
    this.set({
      cameras: of("videoinput"),
      microphones: of("audioinput"),
      speakers: of("audiooutput"),
    });
  }

  private onEnded(kind: Kind, track: MediaStreamTrack): void {
    if (this.state[kind] !== track) return;
    void this.run(() => this.acquire(kind));
  }

  private readonly onDeviceChange = (): void => {
    void this.run(async () => {
      await this.list();
      const { take, cameraMuted, camera, microphone } = this.state;
      if (take !== "chat" && dead(microphone)) await this.acquire("microphone");
      if (take === "video" && !cameraMuted && dead(camera)) await this.acquire("camera");
    });
  };

  private readonly onVisible = (): void => {
    if (this.page?.visibilityState !== "visible") return;
    const { take, camera, microphone, cameraMuted } = this.state;
    if (take === "chat" || (!camera && !microphone)) return;
    const lost = dead(microphone) || (!cameraMuted && take === "video" && dead(camera));
    if (!lost && !this.interrupted) return;
    const again = this.interrupted;
    this.interrupted = false;
    void this.run(async () => {
      if (again || dead(this.state.microphone)) await this.acquire("microphone");
      if (take === "video" && !cameraMuted && (again || dead(this.state.camera))) {
        await this.acquire("camera");
      }
    });
  };

  private keep(change: Partial<Memory>): void {
    remember(this.shelf, change);
  }

  private set(change: Partial<MediaState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}

function dead(track: MediaStreamTrack | undefined): boolean {
  return !track || track.readyState === "ended";
}

function stop(track: MediaStreamTrack | undefined): void {
  track?.stop();
}
