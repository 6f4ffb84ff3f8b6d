/** Why a camera or microphone can't be had. */
export type DeviceFault =
  | "denied" // the person or a policy forbids it: only the browser's settings help
  | "dismissed" // the question was closed unanswered: ask again
  | "not_found" // there is no such device
  | "in_use" // another app or page holds it
  | "overconstrained" // the device can't do what was asked
  | "insecure" // the page isn't served over https
  | "unsupported" // the browser can't do this at all
  | "aborted" // the device or the system gave up
  | "unknown";

export class DeviceError extends Error {
  override readonly name = "DeviceError";
  readonly fault: DeviceFault;

  constructor(fault: DeviceFault, cause?: unknown) {
    super(`device: ${fault}`, { cause });
    this.fault = fault;
  }
}

/** Names the fault that getUserMedia or getDisplayMedia was rejected with. */
export function faultOf(error: unknown): DeviceFault {
  if (error instanceof DeviceError) {
    return error.fault;
  }
  const { name, message } =
    typeof error === "object" && error !== null
      ? (error as { name?: unknown; message?: unknown })
      : { name: undefined, message: undefined };
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      // Chromium says so in words only; Safari and Firefox don't tell the two apart.
      return /dismissed/i.test(String(message)) ? "dismissed" : "denied";
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
      return "not_found";
    case "NotReadableError":
    case "TrackStartError":
      return "in_use";
    case "OverconstrainedError":
    case "ConstraintNotSatisfiedError":
      return "overconstrained";
    case "AbortError":
      return "aborted";
    case "TypeError":
    case "NotSupportedError":
      return "unsupported";
    default:
      return "unknown";
  }
}

/** Names what stands in the way before a device is asked for, if anything. */
export function obstacle(): DeviceFault | null {
  if (typeof isSecureContext !== "undefined" && !isSecureContext) {
    return "insecure";
  }
  if (typeof RTCPeerConnection === "undefined" || !navigator.mediaDevices?.getUserMedia) {
    return "unsupported";
  }
  return null;
}

export interface Device {
  readonly id: string;
  /** Empty until a permission was given. */
  readonly label: string;
}

export interface DeviceList {
  readonly microphones: readonly Device[];
  readonly cameras: readonly Device[];
  readonly speakers: readonly Device[];
}

export async function listDevices(): Promise<DeviceList> {
  const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  const of = (kind: MediaDeviceKind): Device[] =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "")
      .map((device) => ({ id: device.deviceId, label: device.label }));
  return {
    microphones: of("audioinput"),
    cameras: of("videoinput"),
    speakers: of("audiooutput"),
  };
}

/** Calls back with the new lists when a device is plugged in or out. */
export function watchDevices(changed: (devices: DeviceList) => void): () => void {
  const devices = navigator.mediaDevices;
  const listener = () => {
    listDevices().then(changed, () => {});
  };
  devices?.addEventListener?.("devicechange", listener);
  return () => devices?.removeEventListener?.("devicechange", listener);
}

/** Asks for a microphone. Rejects with DeviceError. */
export function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  return open("audio", {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
  });
}

export interface CameraWish {
  deviceId?: string | undefined;
  /** On phones: user is the front camera, environment the back one. */
  facing?: "user" | "environment" | undefined;
}

/** Asks for a camera at 720p, or what it has. Rejects with DeviceError. */
export function openCamera(wish: CameraWish = {}): Promise<MediaStreamTrack> {
  return open("video", {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
    ...(wish.deviceId
      ? { deviceId: { exact: wish.deviceId } }
      : { facingMode: wish.facing ?? "user" }),
  });
}

async function open(
  kind: "audio" | "video",
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  const fault = obstacle();
  if (fault) {
    throw new DeviceError(fault);
  }
  try {
    return await acquire(kind, constraints);
  } catch (error) {
    const { deviceId: _, ...rest } = constraints;
    // A remembered device that is gone: any other is better than none.
    if (constraints.deviceId && ["overconstrained", "not_found"].includes(faultOf(error))) {
      try {
        return await acquire(kind, rest);
      } catch (second) {
        throw new DeviceError(faultOf(second), second);
      }
    }
    throw new DeviceError(faultOf(error), error);
  }
}

async function acquire(
  kind: "audio" | "video",
  constraints: MediaTrackConstraints,
): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ [kind]: constraints });
  const track = stream.getTracks()[0];
  if (!track) {
    throw new DeviceError("not_found");
  }
  track.contentHint = kind === "audio" ? "speech" : "motion";
  return track;
}

export function canShareScreen(): boolean {
  return typeof navigator !== "undefined" && !!navigator.mediaDevices?.getDisplayMedia;
}

export interface Screen {
  readonly video: MediaStreamTrack;
  readonly audio?: MediaStreamTrack | undefined;
}

/** Asks for a screen, window or tab. Rejects with DeviceError; denied when it was called off. */
export async function openScreen(): Promise<Screen> {
  if (!canShareScreen()) {
    throw new DeviceError("unsupported");
  }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15, max: 30 } },
      audio: true,
    });
    const video = stream.getVideoTracks()[0];
    if (!video) {
      throw new DeviceError("not_found");
    }
    video.contentHint = "detail";
    return { video, audio: stream.getAudioTracks()[0] };
  } catch (error) {
    throw new DeviceError(faultOf(error), error);
  }
}

export interface KeepAliveOptions {
  /** Gets a fresh track of the same device. */
  acquire: () => Promise<MediaStreamTrack>;
  /** Puts it in place, such as call.setTrack(source, track). */
  replace: (track: MediaStreamTrack) => void | Promise<void>;
  /** Told when the device can't be had again: offer a button that tries. */
  failed?: ((fault: DeviceFault) => void) | undefined;
}

/**
 * Brings a track back after the system has taken its device: a phone call or Siri on iOS, another
 * app, an unplugged headset. iOS may leave such a track "live" but silent for good, so on return
 * to the foreground an interrupted track is stopped first (a second capture beside it fails
 * there) and acquired anew.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #track: MediaStreamTrack | null = null;
  #interrupted = false;
  #busy = false;
  #closed = false;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    if (typeof document !== "undefined") {
      document.addEventListener("visibilitychange", this.#visible);
    }
  }

  /** Watches this track from now on; null when the source is off. */
  watch(track: MediaStreamTrack | null): void {
    this.#unwatch();
    this.#track = track;
    this.#interrupted = false;
    track?.addEventListener("mute", this.#lost);
    track?.addEventListener("ended", this.#ended);
    track?.addEventListener("unmute", this.#back);
  }

  /** Acquires the device again now, as on the person's "unmute" after an interruption. */
  async renew(): Promise<void> {
    const old = this.#track;
    if (!old || this.#busy || this.#closed) {
      return;
    }
    this.#busy = true;
    try {
      old.stop();
      const track = await this.#options.acquire();
      if (this.#closed || this.#track !== old) {
        track.stop();
        return;
      }
      this.watch(track);
      await this.#options.replace(track);
    } catch (error) {
      this.#options.failed?.(faultOf(error));
    } finally {
      this.#busy = false;
    }
  }

  /** Whether the system has taken the device away and not given it back. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
    if (typeof document !== "undefined") {
      document.removeEventListener("visibilitychange", this.#visible);
    }
  }

  #unwatch(): void {
    this.#track?.removeEventListener("mute", this.#lost);
    this.#track?.removeEventListener("ended", this.#ended);
    this.#track?.removeEventListener("unmute", this.#back);
    this.#track = null;
  }

  readonly #lost = (): void => {
    this.#interrupted = true;
  };

  readonly #back = (): void => {
    this.#interrupted = false;
  };

  readonly #ended = (): void => {
    this.#interrupted = true;
    if (typeof document === "undefined" || document.visibilityState === "visible") {
      void this.renew();
    }
  };

  readonly #visible = (): void => {
    if (this.#interrupted && document.visibilityState === "visible") {
      void this.renew();
    }
  };
}
