import { DeviceError, type DeviceFault, faultOf, KeepAlive } from "../rtc";
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

/** Faults of the page as a whole, not of one device. */
const refusals: ReadonlySet<DeviceFault> = new Set([
  "denied",
  "dismissed",
  "unsupported",
  "insecure",
]);

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
  private readonly alive: Record<Kind, KeepAlive>;
  private closed = false;

  constructor(
    private readonly devices: Devices | undefined,
    private readonly shelf: Shelf | undefined,
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
    this.alive = { camera: this.keepAlive("camera"), microphone: this.keepAlive("microphone") };
    devices?.addEventListener("devicechange", this.onDeviceChange);
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

  /**
   * Takes part as a consultation is meant to be held, until the person chooses otherwise: in
   * writing nothing is turned on, and nothing comes on by itself. What was chosen for this
   * consultation already, as before a reload, stays.
   */
  prepare(consultation: string, take: Take): void {
    if (recall(this.shelf).takeFor === consultation) return;
    const muted = take === "chat";
    this.keep({ take, takeFor: consultation, micMuted: muted, cameraMuted: muted });
    this.set({ take, micMuted: muted, cameraMuted: muted });
  }

  /** Asks for what the way of taking part needs. Faults land in the state, nothing is thrown. */
  open(take: Take = this.state.take): Promise<void> {
    // Who comes from writing to sound or picture wants to be heard or seen.
    const turned = this.state.take === "chat" && take !== "chat";
    const change = turned ? { take, micMuted: false, cameraMuted: false } : { take };
    this.keep(change);
    this.set(change);
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
    const { microphone, take: now } = this.state;
    // Who turns the microphone on no longer takes part in writing only.
    const take = !micMuted && now === "chat" ? "audio" : now;
    this.keep({ micMuted, take });
    if (microphone) microphone.enabled = !micMuted;
    this.set({ micMuted, take });
    if (micMuted || !this.lost("microphone")) return Promise.resolve();
    return this.run(() => this.acquire("microphone"));
  }

  /** The camera is let go when muted, so that its lamp goes out. */
  setCameraMuted(cameraMuted: boolean): Promise<void> {
    this.keep({ cameraMuted, ...(cameraMuted ? {} : { take: "video" }) });
    this.set({ cameraMuted, ...(cameraMuted ? {} : { take: "video" }) });
    return this.run(async () => {
      if (this.state.cameraMuted) {
        this.alive.camera.watch(null);
        this.state.camera?.stop();
        this.set({ camera: undefined, cameraFault: undefined });
      } else if (!this.state.camera) {
        await this.acquire("camera");
      }
    });
  }

  /** Starts anew what has stopped or failed. */
  mend(): Promise<void> {
    return this.run(async () => {
      const { take, cameraMuted } = this.state;
      if (take !== "chat" && this.lost("microphone")) await this.acquire("microphone");
      if (take === "video" && !cameraMuted && this.lost("camera")) await this.acquire("camera");
      await this.list();
    });
  }

  /** Lets go of both devices until they are opened again. */
  release(): void {
    void this.run(async () => {
      await this.drop("camera");
      await this.drop("microphone");
    });
  }

  close(): void {
    this.closed = true;
    this.devices?.removeEventListener("devicechange", this.onDeviceChange);
    this.sink = undefined;
    for (const kind of ["camera", "microphone"] as const) {
      this.alive[kind].close();
      this.state[kind]?.stop();
    }
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
      const stream = await this.request({
        audio: this.wish("microphone"),
        video: this.wish("camera"),
      });
      await this.put("microphone", stream.getAudioTracks()[0]);
      await this.put("camera", stream.getVideoTracks()[0]);
    } catch (error) {
      const fault = faultOf(error);
      if (refusals.has(fault)) {
        // The person or the browser said no to the page: asking for each would only pester.
        this.set({ cameraFault: fault, microphoneFault: fault });
        return;
      }
      await this.acquire("microphone");
      await this.acquire("camera");
    }
  }

  private async acquire(kind: Kind): Promise<void> {
    // Safari and some phones refuse a second track while the first one lives.
    this.alive[kind].watch(null);
    this.state[kind]?.stop();
    this.set(kind === "camera" ? { camera: undefined } : { microphone: undefined });
    try {
      await this.put(kind, await this.one(kind));
    } catch (error) {
      const fault = faultOf(error);
      const gone = fault === "overconstrained" || fault === "not_found";
      if (gone && this.forget(kind)) return this.acquire(kind);
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
      track.stop();
      return;
    }
    track.contentHint = kind === "camera" ? "motion" : "speech";
    if (kind === "microphone") track.enabled = !this.state.micMuted;
    this.alive[kind].watch(track);
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
    this.alive[kind].watch(null);
    track.stop();
    this.set(kind === "camera" ? { camera: undefined } : { microphone: undefined });
    await this.sink?.(kind, null);
  }

  private async one(kind: Kind): Promise<MediaStreamTrack | undefined> {
    const wish = this.wish(kind);
    const stream = await this.request(kind === "camera" ? { video: wish } : { audio: wish });
    return stream.getTracks()[0];
  }

  private async request(wish: MediaStreamConstraints): Promise<MediaStream> {
    if (!this.devices) {
      throw new DeviceError(globalThis.isSecureContext === false ? "insecure" : "unsupported");
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

  private readonly onDeviceChange = (): void => {
    const { camera, microphone } = this.state;
    // Before the person was asked for anything, a new device is no reason to ask.
    if (camera || microphone) void this.mend();
  };

  /** Brings a track back after an unplugging, another program, or a phone call. */
  private keepAlive(kind: Kind): KeepAlive {
    return new KeepAlive({
      acquire: async () => {
        const track = await this.one(kind);
        if (!track) throw new DOMException("no track", "NotFoundError");
        return track;
      },
      replace: (track) => this.put(kind, track),
      failed: (fault) =>
        this.set(kind === "camera" ? { cameraFault: fault } : { microphoneFault: fault }),
    });
  }

  private lost(kind: Kind): boolean {
    const track = this.state[kind];
    return !track || track.readyState === "ended" || this.alive[kind].interrupted;
  }

  private keep(change: Partial<Memory>): void {
    remember(this.shelf, change);
  }

  private set(change: Partial<MediaState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }
}
