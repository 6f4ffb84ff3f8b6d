import { createServer, type Server as NetServer, type Socket } from "node:net";
import { expect } from "@playwright/test";

/** A mail as its reader sees it. */
export interface Mail {
  to: string[];
  subject: string;
  text: string;
  /** Files by name. */
  files: Map<string, string>;
}

/** Speaks enough of SMTP (RFC 5321) to take mail from the server, as a relay on its machine would. */
export class MailServer {
  readonly mails: Mail[] = [];
  private readonly server: NetServer;
  private readonly sockets = new Set<Socket>();
  port = 0;

  private constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  static async start(): Promise<MailServer> {
    const mail = new MailServer();
    await new Promise<void>((done) => mail.server.listen(0, "127.0.0.1", done));
    const address = mail.server.address();
    mail.port = typeof address === "object" && address ? address.port : 0;
    return mail;
  }

  /** Flags that make a server send its mail here. */
  get flags(): string[] {
    return [
      "--mail-host=127.0.0.1",
      `--mail-port=${this.port}`,
      "--mail-security=none",
      "--mail-from=Meridian <reception@meridian.example>",
    ];
  }

  /** The first mail to somebody whose subject has a word in it, once it has come. */
  async mail(to: string, subject: string, timeout = 20_000): Promise<Mail> {
    const find = () => this.mails.find((one) => one.to.includes(to) && one.subject.includes(subject));
    await expect
      .poll(() => find() !== undefined, { message: `a mail to ${to}: ${subject}`, timeout, intervals: [250] })
      .toBe(true);
    const found = find();
    if (!found) throw new Error("gone");
    return found;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((done) => this.server.close(done));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const say = (line: string) => socket.write(`${line}\r\n`);
    let waiting = "";
    let to: string[] = [];
    let data = false;
    say("220 localhost ready");
    socket.on("data", (chunk) => {
      waiting += chunk.toString("latin1");
      for (;;) {
        if (data) {
          const end = waiting.indexOf("\r\n.\r\n");
          if (end < 0) return;
          this.mails.push(read(to, waiting.slice(0, end).replaceAll("\r\n..", "\r\n.")));
          waiting = waiting.slice(end + 5);
          data = false;
          to = [];
          say("250 taken");
          continue;
        }
        const end = waiting.indexOf("\r\n");
        if (end < 0) return;
        const line = waiting.slice(0, end);
        waiting = waiting.slice(end + 2);
        const verb = line.split(/[ :]/)[0]?.toUpperCase();
        if (verb === "EHLO") say("250 localhost");
        else if (verb === "MAIL" || verb === "RSET" || verb === "NOOP") say("250 fine");
        else if (verb === "RCPT") {
          to.push(/<([^>]*)>/.exec(line)?.[1] ?? "");
          say("250 fine");
        } else if (verb === "DATA") {
          data = true;
          say("354 go ahead");
        } else if (verb === "QUIT") {
          say("221 bye");
          socket.end();
        } else say("502 not here");
      }
    });
  }
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

/** Reads a message whose lines are bytes in latin1. */
function read(to: string[], raw: string): Mail {
  const whole = partOf(raw);
  const mail: Mail = { to, subject: words(whole.headers.get("subject") ?? ""), text: "", files: new Map() };
  const visit = (part: Part) => {
    const type = part.headers.get("content-type") ?? "text/plain";
    const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
    if (boundary) {
      for (const inner of part.body.split(`--${boundary}`).slice(1)) {
        if (!inner.startsWith("--")) visit(partOf(inner.replace(/^\r\n/, "")));
      }
      return;
    }
    const name = /filename="?([^";]+)"?/i.exec(part.headers.get("content-disposition") ?? "")?.[1];
    if (name) mail.files.set(name, decode(part));
    else if (type.startsWith("text/plain")) mail.text += decode(part);
  };
  visit(whole);
  return mail;
}

function partOf(raw: string): Part {
  const at = raw.indexOf("\r\n\r\n");
  const headers = new Map<string, string>();
  for (const line of raw.slice(0, at).replaceAll(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: at < 0 ? "" : raw.slice(at + 4) };
}

function decode({ headers, body }: Part): string {
  const how = headers.get("content-transfer-encoding")?.toLowerCase();
  if (how === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (how === "quoted-printable") return quoted(body);
  return Buffer.from(body, "latin1").toString("utf8");
}

const quoted = (text: string) =>
  Buffer.from(
    text.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  ).toString("utf8");

/** RFC 2047: =?UTF-8?q?…?= */
const words = (text: string) =>
  text
    .replaceAll(/\?=\s+=\?/g, "?==?")
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, body: string) =>
      how.toLowerCase() === "b"
        ? Buffer.from(body, "base64").toString("latin1")
        : body
            .replaceAll("_", " ")
            .replaceAll(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    )
    .replace(/^.*$/s, (bytes) => Buffer.from(bytes, "latin1").toString("utf8"));
