import { OfflineError, RequestError } from "./errors.ts";
import type { Link } from "./link.ts";
import type { ChatMessage, OkReply, Participant } from "./protocol.ts";
import type { ChatEntry } from "./state.ts";

/**
 * The room's chat as this person sees it: messages by number, and the own ones that the server
 * has not confirmed. Those are sent one after another, each under an id of ours, so that a repeat
 * after a lost line posts nothing twice.
 */
export class ChatLog {
  #messages: ChatEntry[] = [];
  #pending: ChatEntry[] = [];

  /** The log as the views show it. */
  entries(): readonly ChatEntry[] {
    return [...this.#messages, ...this.#pending];
  }

  /** Takes in messages; those that are known already change nothing. */
  add(messages: readonly ChatMessage[]): void {
    const byId = new Map(this.#messages.map((entry) => [entry.id, entry]));
    for (const message of messages) {
      if (!byId.has(message.id)) {
        byId.set(message.id, { ...message, status: "sent" });
      }
      const { clientId } = message;
      if (clientId !== undefined) {
        this.#pending = this.#pending.filter((entry) => entry.clientId !== clientId);
      }
    }
    this.#messages = [...byId.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Adds an own message that is yet to be sent. */
  write(text: string, self: Participant, clientId: string, at: string): void {
    this.#pending = [
      ...this.#pending,
      {
        id: clientId,
        seq: 0,
        clientId,
        sender: self.identity,
        senderName: self.name,
        senderRole: self.role,
        at,
        text,
        status: "pending",
      },
    ];
  }

  /** The oldest message that is yet to be sent. */
  next(): ChatEntry | undefined {
    return this.#pending.find((entry) => entry.status === "pending");
  }

  /** The server has stored a message of ours; its event may come before or after. */
  confirm(entry: ChatEntry, reply: OkReply): void {
    if (!this.#pending.some((pending) => pending.clientId === entry.clientId)) {
      return;
    }
    const { status: _, ...message } = entry;
    this.add([{ ...message, id: reply.message ?? entry.id, seq: reply.seq ?? 0 }]);
  }

  /** The server refuses the message for good. */
  refuse(entry: ChatEntry): void {
    this.#pending = this.#pending.map((pending) =>
      pending.clientId === entry.clientId ? { ...pending, status: "failed" } : pending,
    );
  }
}

const AGAIN_MS = 2000;

/** Sends a log's pending messages, one at a time and in order. */
export class ChatSender {
  readonly #log: ChatLog;
  readonly #link: Link;
  readonly #changed: () => void;
  #busy = false;

  constructor(log: ChatLog, link: Link, changed: () => void) {
    this.#log = log;
    this.#link = link;
    this.#changed = changed;
  }

  /** Sends what is pending for as long as may says so. Call it whenever that could be. */
  async run(may: () => boolean): Promise<void> {
    if (this.#busy) {
      return;
    }
    this.#busy = true;
    try {
      for (;;) {
        const entry = this.#log.next();
        if (!entry?.clientId || !may()) {
          return;
        }
        try {
          const { clientId, text } = entry;
          this.#log.confirm(entry, await this.#link.request({ type: "chat", clientId, text }));
        } catch (error) {
          if (error instanceof OfflineError) {
            return; // whoever has the line back calls again
          }
          if (isRefusedForGood(error)) {
            this.#log.refuse(entry);
          } else {
            await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
          }
        }
        this.#changed();
      }
    } finally {
      this.#busy = false;
    }
  }
}

function isRefusedForGood(error: unknown): boolean {
  return error instanceof RequestError && (error.code === "invalid" || error.code === "forbidden");
}

/** An id for a message or the like: 128 random bits. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
