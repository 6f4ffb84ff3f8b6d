const FIRST_MS = 300;
const MAX_MS = 5000;

/** Waiting times between tries: 0.3 s doubling to 5 s, each cut by up to half at random. */
export class Backoff {
  #tries = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get tries(): number {
    return this.#tries;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const full = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(this.#tries, 10));
    this.#tries++;
    return Math.round(full * (1 - this.#random() / 2));
  }

  reset(): void {
    this.#tries = 0;
  }
}
