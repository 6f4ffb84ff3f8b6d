import type { SocketLike } from "../link.ts";
import type { Request, ServerMessage } from "../protocol.ts";

export type Sent = Request & { id: number };

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly sent: Sent[] = [];
  closedWith: number | undefined;
  /** Called for each request; what it returns is answered. */
  answer: (request: Sent) => ServerMessage | undefined = () => undefined;

  send(data: string): void {
    const request = JSON.parse(data) as Sent;
    this.sent.push(request);
    queueMicrotask(() => {
      const reply = this.answer(request);
      if (reply) {
        this.receive(reply);
      }
    });
  }

  close(code?: number): void {
    this.closedWith = code ?? 1005;
  }

  open(): void {
    this.onopen?.(new Event("open"));
  }

  receive(message: ServerMessage | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.onmessage?.({ data } as MessageEvent);
  }

  /** The line is lost, or closed by the server. */
  lose(code = 1006): void {
    this.onclose?.({ code } as CloseEvent);
  }
}

/** A server for one link: it opens sockets, keeps a session and numbers events. */
export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly requests: Sent[] = [];
  session = 0;
  seq = 0;
  resumable = true;
  up = true;
  /** Overrides the answer to a request. */
  on: (request: Sent) => ServerMessage | undefined | "silent" = () => undefined;
  #kept: ServerMessage[] = [];

  make = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    socket.answer = (request) => this.#answer(socket, request);
    queueMicrotask(() => {
      if (this.up) {
        socket.open();
      } else {
        socket.lose();
      }
    });
    return socket;
  };

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) {
      throw new Error("no socket was opened");
    }
    return socket;
  }

  /** Requests of one type so far. */
  of<T extends Sent["type"]>(type: T): Extract<Sent, { type: T }>[] {
    return this.requests.filter((r): r is Extract<Sent, { type: T }> => r.type === type);
  }

  /** Sends an event to the client, or keeps it for a resume while the line is lost. */
  event(event: { type: string; [field: string]: unknown }, delivered = true): void {
    this.seq++;
    const message = { seq: this.seq, ...event } as unknown as ServerMessage;
    this.#kept.push(message);
    if (delivered) {
      this.socket.receive(message);
    }
  }

  #answer(socket: FakeSocket, request: Sent): ServerMessage | undefined {
    this.requests.push(request);
    const own = this.on(request);
    if (own === "silent") {
      return undefined;
    }
    if (own) {
      return own;
    }
    const { id } = request;
    if (request.type !== "hello") {
      return { type: "ok", id };
    }
    const welcome = { type: "welcome", id, v: 1, secret: "secret", heartbeatSec: 15 } as const;
    if (!request.resume) {
      this.session++;
      this.seq = 0;
      this.#kept = [];
      return { ...welcome, session: `s${this.session}`, seq: 0, resumed: false };
    }
    if (!this.resumable) {
      return { type: "error", id, code: "resume_failed", message: "gone" };
    }
    const { seq } = request.resume;
    queueMicrotask(() => {
      for (const message of this.#kept.slice(seq)) {
        socket.receive(message);
      }
    });
    return { ...welcome, session: request.resume.session, seq: this.seq, resumed: true };
  }
}
