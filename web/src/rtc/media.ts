import { OfflineError, RequestError } from "./errors.ts";
import { type Exchange, Peer, type Sending } from "./peer.ts";
import type { Layers, MediaState, Source } from "./protocol.ts";
import { type Measurement, QualityMeter } from "./stats.ts";

export interface MediaPathMeans {
  exchange: Exchange;
  /** Fetches relay servers with credentials that are valid now. */
  iceServers(): Promise<RTCIceServer[]>;
}

export interface MediaPathEvents {
  state(state: MediaState): void;
  measured(measurement: Measurement): void;
  /** This connection can't be mended: join anew. */
  lost(reason: string): void;
}

const DISCONNECTED_MS = 2000; // Safari says "disconnected" in passing
const FIRST_MS = 8000; // for the first connection, which may have to find a relay
const RESTART_MS = 4000; // for each restart
const MAX_RESTARTS = 3;
const AGAIN_MS = 1500; // after the server asked to slow down
const STATS_MS = 2000;
const RELAYS_MS = 180_000; // age at which a relay may no longer let us in
const FETCH_MS = 2000; // the longest that a restart waits for relays

/**
 * The media connection of one join: negotiations one at a time, restarts of ICE when the path is
 * lost, and measurements. It waits with all that while the signaling line is down.
 */
export class MediaPath {
  readonly peer: Peer;
  readonly #means: MediaPathMeans;
  readonly #events: MediaPathEvents;
  readonly #meter = new QualityMeter();
  #state: MediaState = "new";
  #line = true;
  #closed = false;
  #busy = false;
  #wanted = false;
  #wantRestart = false;
  #restarts = 0;
  #relayed = false;
  #relaysAt = Date.now();
  #again: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #stats: ReturnType<typeof setInterval> | undefined;

  constructor(pc: RTCPeerConnection, events: MediaPathEvents, means: MediaPathMeans) {
    this.#means = means;
    this.#events = events;
    this.peer = new Peer(pc, {
      ice: (state) => this.#ice(state),
      renegotiate: () => this.negotiate(),
    });
  }

  get state(): MediaState {
    return this.#state;
  }

  /** Makes the first offer; join sends it. What comes to be wanted meanwhile is offered after. */
  async open(sending: ReadonlyMap<Source, Sending>, join: Exchange): Promise<void> {
    this.#busy = true;
    try {
      this.peer.prepare(sending);
      await this.peer.negotiate(join, false);
    } finally {
      this.#busy = false;
    }
    if (this.#closed) {
      return;
    }
    this.#watch(FIRST_MS);
    this.#stats = setInterval(() => void this.#measure(), STATS_MS);
    void this.#pump();
  }

  /** Offers again soon; several wishes become one offer. */
  negotiate(iceRestart = false): void {
    this.#wanted = true;
    this.#wantRestart ||= iceRestart;
    queueMicrotask(() => void this.#pump());
  }

  /** Looks for a new path now; the old one is used until there is one. */
  restart(): void {
    this.#watch(RESTART_MS);
    const old = Date.now() - this.#relaysAt > RELAYS_MS;
    if (old && (this.#relayed || this.#restarts > 0)) {
      void this.#refreshRelays().then(() => this.negotiate(true));
    } else {
      this.negotiate(true);
    }
  }

  async #refreshRelays(): Promise<void> {
    this.#relaysAt = Date.now();
    const late = new Promise<void>((resolve) => setTimeout(resolve, FETCH_MS));
    const fetched = this.#means.iceServers().then(
      (servers) => this.peer.useRelays(servers),
      () => {}, // the path may come back without
    );
    await Promise.race([fetched, late]);
  }

  /** The signaling line is up or down. */
  line(up: boolean): void {
    this.#line = up;
    if (up) {
      void this.#pump();
    }
  }

  /** What the server says of our media. */
  serverSays(state: MediaState): void {
    if (state === "disconnected" || state === "failed") {
      this.#set("disconnected");
      this.restart();
    } else if (state === "connected" && connected(this.peer.iceState)) {
      this.#recovered();
    }
  }

  applyLayers(layers: readonly Layers[]): void {
    this.peer.applyLayers(layers);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    clearTimeout(this.#watchdog);
    clearInterval(this.#stats);
    this.peer.close();
  }

  async #pump(): Promise<void> {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      while (this.#wanted && this.#line && !this.#closed) {
        const iceRestart = this.#wantRestart;
        this.#wanted = this.#wantRestart = false;
        try {
          await this.peer.negotiate(this.#means.exchange, iceRestart);
        } catch (error) {
          this.#failed(error, iceRestart);
          return;
        }
      }
    } finally {
      this.#busy = false;
    }
  }

  #failed(error: unknown, iceRestart: boolean): void {
    if (this.#closed) {
      return;
    }
    const code = error instanceof RequestError ? error.code : "";
    if (error instanceof OfflineError || code === "rate_limited" || code === "busy") {
      this.#wanted = true;
      this.#wantRestart ||= iceRestart;
      if (code !== "") {
        clearTimeout(this.#again);
        this.#again = setTimeout(() => void this.#pump(), AGAIN_MS);
      }
      return;
    }
    this.#events.lost(code || "negotiation");
  }

  #ice(state: RTCIceConnectionState): void {
    if (this.#closed) {
      return;
    }
    switch (state) {
      case "connected":
      case "completed":
        this.#recovered();
        break;
      case "disconnected":
        this.#watch(DISCONNECTED_MS);
        break;
      case "failed":
        this.#set("failed");
        this.restart();
        break;
    }
  }

  #recovered(): void {
    clearTimeout(this.#watchdog);
    this.#restarts = 0;
    this.#set("connected");
  }

  /** Restarts when the path isn't up after that time, and gives up after some restarts. */
  #watch(ms: number): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      if (connected(this.peer.iceState) && this.#state === "connected") {
        return;
      }
      if (this.#state === "connected") {
        this.#set("disconnected");
      }
      if (!this.#line) {
        this.#watch(ms); // no use without signaling
      } else if (this.#restarts >= MAX_RESTARTS) {
        this.#events.lost("media");
      } else {
        this.#restarts++;
        this.restart();
      }
    }, ms);
  }

  async #measure(): Promise<void> {
    try {
      const report = await this.peer.pc.getStats();
      if (!this.#closed) {
        const measurement = this.#meter.measure(entries(report), Date.now());
        this.#relayed = measurement.relay !== "";
        this.#events.measured(measurement);
      }
    } catch {
      // The connection is closing; the next one measures.
    }
  }

  #set(state: MediaState): void {
    if (this.#state !== state && !this.#closed) {
      this.#state = state;
      this.#events.state(state);
    }
  }
}

function connected(state: RTCIceConnectionState): boolean {
  return state === "connected" || state === "completed";
}

function entries(report: RTCStatsReport): Iterable<{ type: string; id: string }> {
  const list: { type: string; id: string }[] = [];
  report.forEach((entry: { type: string; id: string }) => {
    list.push(entry);
  });
  return list;
}
