/** What playing needs of an audio or video element. */
export interface Playable {
  srcObject: MediaProvider | null;
  muted: boolean;
  play(): Promise<void>;
}

/**
 * Plays received media and remembers what the browser refuses to start by itself: autoplay rules
 * and iOS's low-power mode want a tap first. Show a button while blocked, and call resume in its
 * handler.
 */
export class Playback {
  readonly #waiting = new Set<Playable>();
  readonly #listeners = new Set<() => void>();

  /** Whether something waits for a tap. For useSyncExternalStore. */
  blocked = (): boolean => this.#waiting.size > 0;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  /** Shows the tracks on an element, which must have playsinline set; returns how to stop. */
  attach(element: Playable, tracks: readonly MediaStreamTrack[]): () => void {
    const stream = element.srcObject;
    const same =
      stream instanceof MediaStream &&
      stream.getTracks().length === tracks.length &&
      tracks.every((track) => stream.getTracks().includes(track));
    if (!same) {
      element.srcObject = new MediaStream([...tracks]);
    }
    void this.#play(element);
    return () => {
      this.#settle(element);
    };
  }

  /** Call from a click or key handler. */
  async resume(): Promise<void> {
    await Promise.all([...this.#waiting].map((element) => this.#play(element)));
  }

  async #play(element: Playable): Promise<void> {
    try {
      await element.play();
      this.#settle(element);
    } catch (error) {
      // AbortError: another source was set meanwhile, whose own play() counts.
      if (error instanceof Error && error.name === "NotAllowedError") {
        this.#waiting.add(element);
        this.#tell();
      }
    }
  }

  #settle(element: Playable): void {
    if (this.#waiting.delete(element)) {
      this.#tell();
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}
