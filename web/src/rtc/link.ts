import { Backoff } from "./backoff.ts";
import { Emitter } from "./emitter.ts";
import { isFinal, OfflineError, RequestError, StopError } from "./errors.ts";
import { browserHints, type NetworkHints } from "./network.ts";
import {
  CLOSE_REVOKED,
  CLOSE_SUPERSEDED,
  decode,
  isReply,
  type LiveEvent,
  PROTOCOL_VERSION,
  type Reply,
  type ReplyOf,
  type Request,
  type ServerEvent,
  SUBPROTOCOL,
  seqOf,
  type WelcomeReply,
} from "./protocol.ts";

/** What Link needs of a WebSocket. */
export interface SocketLike {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export interface LinkOptions {
  /** wss://…/ws; http and https are taken for ws and wss. */
  url: string;
  /** Fetches a grant of kind live. Throw StopError when there is no use in trying again. */
  ticket: () => Promise<string>;
  makeSocket?: ((url: string, protocol: string) => SocketLike) | undefined;
  network?: NetworkHints | undefined;
  random?: (() => number) | undefined;
}

export type LinkStatus = "idle" | "connecting" | "open" | "waiting" | "closed";

export interface LinkState {
  readonly status: LinkStatus;
  /** Failed tries since the line was last up. */
  readonly tries: number;
  /** Why it is closed: revoked, superseded, or the StopError's reason. */
  readonly reason?: string | undefined;
}

interface Pending {
  readonly type: Request["type"];
  readonly resolve: (reply: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const HELLO_MS = 8000;
const REQUEST_MS = 10_000;
const PONG_MS = 5000;
const POKE_MS = 2000;
const LOST = 4900; // our own close code for a line that went silent

/**
 * The one WebSocket of this device. It connects, says hello, resumes after a loss so that no
 * event is missed or doubled, and starts a new session when the old one can't be resumed.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #backoff: Backoff;
  readonly #states = new Emitter<LinkState>();
  readonly #events = new Emitter<ServerEvent>();
  readonly #sessions = new Emitter<boolean>();
  readonly #pending = new Map<number, Pending>();
  #state: LinkState = { status: "idle", tries: 0 };
  #socket: SocketLike | null = null;
  #session: { id: string; secret: string } | null = null;
  #seq = 0;
  #nextId = 1;
  #heardAt = 0;
  #dialedAt = 0;
  #heartbeatMs = 15_000;
  #retryAfter = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #beatTimer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
  }

  get state(): LinkState {
    return this.#state;
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#states.on(listener);
  }

  onEvent(listener: (event: ServerEvent) => void): () => void {
    return this.#events.on(listener);
  }

  onLive(listener: (event: LiveEvent) => void): () => void {
    return this.#events.on((event) => {
      if (event.type === "live") {
        listener(event);
      }
    });
  }

  /**
   * Tells when the line is up: true when the session was resumed; false when it is a new one, so
   * that events may have been missed: fetch what is on screen anew.
   */
  onSession(listener: (resumed: boolean) => void): () => void {
    return this.#sessions.on(listener);
  }

  start(): void {
    if (this.#state.status !== "idle" && this.#state.status !== "closed") {
      return;
    }
    this.#unwatch ??= (this.#options.network ?? browserHints)(() => this.poke());
    this.#backoff.reset();
    this.#connect();
  }

  /** Ends the session: the server forgets it, and a room that was joined is left. */
  stop(): void {
    this.#finish("idle");
  }

  /** Looks at once whether the line is alive, and retries at once when it is down. */
  poke(): void {
    const socket = this.#socket;
    switch (this.#state.status) {
      case "connecting":
        if (!socket || Date.now() - this.#dialedAt < POKE_MS) {
          break;
        }
        this.#drop(socket); // it may hang on a network that is gone
        this.#connect();
        break;
      case "waiting":
        this.#connect();
        break;
      case "open":
        this.#probe(POKE_MS);
        break;
    }
  }

  /** Resolves when the line is up; rejects with StopError when it never will be. */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (state: LinkState): boolean => {
        if (state.status === "open") {
          resolve();
        } else if (state.status === "closed" || state.status === "idle") {
          reject(new StopError(state.reason ?? "closed"));
        } else {
          return false;
        }
        return true;
      };
      if (settle(this.#state)) {
        return;
      }
      const off = this.onState((state) => {
        if (settle(state)) {
          off();
        }
      });
    });
  }

  /**
   * Sends a request. Rejects with RequestError when the server refuses it, and with OfflineError
   * when the line is down or goes down before the answer.
   */
  request<R extends Request>(message: R, timeoutMs = REQUEST_MS): Promise<ReplyOf[R["type"]]> {
    if (this.#state.status !== "open") {
      return Promise.reject(new OfflineError("the line is down"));
    }
    return this.#send(message, timeoutMs);
  }

  #send<R extends Request>(message: R, timeoutMs: number): Promise<ReplyOf[R["type"]]> {
    const socket = this.#socket;
    if (!socket) {
      return Promise.reject(new OfflineError("the line is down"));
    }
    const id = this.#nextId++;
    return new Promise<ReplyOf[R["type"]]>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new OfflineError(`no answer to ${message.type}`));
        // A server that doesn't answer is as good as gone.
        this.#drop(socket);
      }, timeoutMs);
      this.#pending.set(id, { type: message.type, resolve, reject, timer });
      try {
        socket.send(JSON.stringify({ id, ...message }));
      } catch {
        this.#drop(socket);
      }
    });
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    this.#set({ status: "connecting", tries: this.#backoff.tries });
    const make = this.#options.makeSocket ?? ((url, protocol) => new WebSocket(url, protocol));
    let socket: SocketLike;
    try {
      socket = make(this.#options.url.replace(/^http/, "ws"), SUBPROTOCOL);
    } catch {
      this.#retry();
      return;
    }
    this.#socket = socket;
    this.#dialedAt = Date.now();
    // Covers a connection that neither opens nor fails.
    this.#beatTimer = setTimeout(() => this.#drop(socket), HELLO_MS);
    // The ticket is fetched while the socket opens.
    const ticket = this.#session ? null : this.#options.ticket();
    ticket?.catch(() => {}); // hello looks at it
    socket.onopen = () => {
      void this.#hello(socket, ticket);
    };
    socket.onmessage = (event) => this.#receive(socket, event);
    socket.onclose = (event) => this.#closed(socket, event.code);
    socket.onerror = null;
  }

  async #hello(socket: SocketLike, ticket: Promise<string> | null): Promise<void> {
    try {
      if (this.#session) {
        const { id, secret } = this.#session;
        try {
          const resume = { session: id, secret, seq: this.#seq };
          await this.#send({ type: "hello", v: PROTOCOL_VERSION, resume }, HELLO_MS);
          return;
        } catch (error) {
          if (!(error instanceof RequestError)) {
            throw error;
          }
          this.#session = null;
        }
      }
      const grant = await (ticket ?? this.#options.ticket());
      if (socket !== this.#socket) {
        return;
      }
      await this.#send({ type: "hello", v: PROTOCOL_VERSION, grant }, HELLO_MS);
    } catch (error) {
      if (socket !== this.#socket) {
        return;
      }
      if (error instanceof StopError) {
        this.#finish("closed", error.reason);
      } else if (error instanceof RequestError && isFinal(error.code)) {
        this.#finish("closed", error.code);
      } else {
        this.#drop(socket);
      }
    }
  }

  // Called while the reply is handled, before any event that follows it on the wire.
  #welcome(reply: WelcomeReply): void {
    if (!reply.resumed) {
      this.#seq = reply.seq;
    }
    this.#session = { id: reply.session, secret: reply.secret };
    this.#heartbeatMs = reply.heartbeatSec * 1000;
    this.#backoff.reset();
    clearTimeout(this.#beatTimer);
    this.#beat();
    this.#set({ status: "open", tries: 0 });
    this.#sessions.emit(reply.resumed);
  }

  #receive(socket: SocketLike, event: MessageEvent): void {
    if (socket !== this.#socket || typeof event.data !== "string") {
      return;
    }
    this.#heardAt = Date.now();
    const message = decode(event.data);
    if (!message) {
      return; // of a newer server
    }
    if (isReply(message)) {
      this.#settle(message);
      return;
    }
    const seq = seqOf(message);
    if (seq > 0) {
      if (seq <= this.#seq) {
        return;
      }
      if (seq !== this.#seq + 1) {
        this.#drop(socket); // resume from where we are
        return;
      }
      this.#seq = seq;
    }
    if (message.type === "going_away") {
      this.#retryAfter = message.reconnectAfterMs;
    }
    this.#events.emit(message);
  }

  #settle(reply: Reply): void {
    const pending = reply.id === undefined ? undefined : this.#pending.get(reply.id);
    if (!pending || reply.id === undefined) {
      return;
    }
    this.#pending.delete(reply.id);
    clearTimeout(pending.timer);
    if (reply.type === "error") {
      pending.reject(new RequestError(reply.code, reply.message));
    } else {
      if (reply.type === "welcome") {
        this.#welcome(reply);
      }
      pending.resolve(reply as never);
    }
  }

  #closed(socket: SocketLike, code: number): void {
    if (socket !== this.#socket) {
      return;
    }
    switch (code) {
      case CLOSE_REVOKED:
        this.#finish("closed", "revoked");
        return;
      case CLOSE_SUPERSEDED:
        this.#finish("closed", "superseded");
        return;
    }
    this.#detach();
    this.#retry();
  }

  /** Gives the socket up without waiting for its close handshake. */
  #drop(socket: SocketLike): void {
    if (socket !== this.#socket) {
      return;
    }
    this.#detach();
    close(socket, LOST);
    this.#retry();
  }

  #detach(): void {
    clearTimeout(this.#beatTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
    }
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const p of pending) {
      clearTimeout(p.timer);
      p.reject(new OfflineError(`the line was lost before the answer to ${p.type}`));
    }
  }

  #retry(): void {
    const wait = Math.max(this.#backoff.next(), this.#retryAfter);
    this.#retryAfter = 0;
    this.#set({ status: "waiting", tries: this.#backoff.tries });
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
  }

  #finish(status: "idle" | "closed", reason?: string): void {
    clearTimeout(this.#retryTimer);
    this.#unwatch?.();
    this.#unwatch = undefined;
    const socket = this.#socket;
    this.#detach();
    if (socket) {
      close(socket, 1000);
    }
    this.#session = null;
    this.#set({ status, tries: 0, reason });
  }

  #beat(): void {
    clearTimeout(this.#beatTimer);
    this.#beatTimer = setTimeout(() => {
      if (Date.now() - this.#heardAt >= this.#heartbeatMs) {
        this.#probe(PONG_MS);
      }
      this.#beat();
    }, this.#heartbeatMs);
  }

  #probe(timeoutMs: number): void {
    this.request({ type: "ping" }, timeoutMs).catch(() => {}); // its timeout drops the socket
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#states.emit(state);
  }
}

function close(socket: SocketLike, code: number): void {
  try {
    socket.close(code);
  } catch {
    // It never opened, or is closed already.
  }
}
