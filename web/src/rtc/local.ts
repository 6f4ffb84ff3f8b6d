import type { Sending } from "./peer.ts";
import type { Source } from "./protocol.ts";
import type { CallState, JoinOptions, LocalSource } from "./state.ts";

/** What the person sends, or would: tracks and mutes. It outlives every connection. */
export class LocalSources {
  readonly #sources = new Map<Source, Sending>();
  readonly #watched = new WeakSet<MediaStreamTrack>();
  readonly #changed: () => void;

  /** changed is called when a device has ended by itself. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get all(): ReadonlyMap<Source, Sending> {
    return this.#sources;
  }

  /** Takes over the tracks to begin with; a mute of an earlier join stays. */
  begin(options: JoinOptions): void {
    for (const source of ["microphone", "camera"] as const) {
      this.put(source, {
        track: (source === "microphone" ? options.audio : options.video) ?? null,
        muted: options.muted?.[source] ?? this.muted(source),
      });
    }
  }

  put(source: Source, sending: Sending): void {
    this.#sources.set(source, sending);
    const { track, muted } = sending;
    if (track) {
      track.enabled = !muted;
      if (!this.#watched.has(track)) {
        this.#watched.add(track);
        track.addEventListener("ended", this.#changed);
      }
    }
  }

  drop(source: Source): void {
    this.#sources.delete(source);
  }

  track(source: Source): MediaStreamTrack | null {
    return this.#sources.get(source)?.track ?? null;
  }

  muted(source: Source): boolean {
    return this.#sources.get(source)?.muted ?? false;
  }

  state(): Pick<CallState, "local"> {
    const of = (source: LocalSource) => {
      const track = this.track(source);
      return {
        mediaTrack: track ?? undefined,
        muted: this.muted(source),
        ended: track?.readyState === "ended",
      };
    };
    return { local: { microphone: of("microphone"), camera: of("camera"), screen: of("screen") } };
  }
}

/** A source without a track counts as muted: the others see why nothing comes. */
export function silent(sending: Sending): boolean {
  return sending.muted || !sending.track;
}
