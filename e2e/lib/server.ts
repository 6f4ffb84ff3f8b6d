import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The binary that the Makefile builds, unless $CONSILIUM names another. */
export const binary = process.env["CONSILIUM"] ?? resolve(import.meta.dirname, "../../bin/consilium");

export interface Links {
  admin: string;
  accountant: string;
  doctor: string;
  doctor2: string;
  doctor3: string;
  patient: string;
  patient2: string;
  interpreter: string;
}

export interface ServerOptions {
  /** Host of the pages and of media; a name or an address of this machine. */
  host?: string;
  /** Runs the binary by this command, such as `ip netns exec name`. */
  wrapper?: readonly string[];
  /** More flags. */
  flags?: readonly string[];
}

const startMs = 30_000;
const stopMs = 30_000;

/** The real server with a demonstration clinic in a folder of its own. */
export class Server {
  readonly data = mkdtempSync(join(tmpdir(), "consilium-e2e-"));
  links!: Links;
  private readonly options: ServerOptions;
  private child: ChildProcess | undefined;
  private log = "";
  private errors = "";
  private listen: string;

  private constructor(options: ServerOptions) {
    this.options = options;
    this.listen = `${options.host ?? "localhost"}:0`;
  }

  /** Starts a server on free ports and waits until it is ready. */
  static async start(options: ServerOptions = {}): Promise<Server> {
    if (!existsSync(binary)) throw new Error(`${binary} is missing: run make build first`);
    const server = new Server(options);
    await server.run();
    return server;
  }

  get origin(): string {
    return new URL(this.links.doctor).origin;
  }

  /** Everything the server has written, for a test that failed. */
  get output(): string {
    return this.log;
  }

  /** The log alone, without what a demonstration prints for the person who started it. */
  get logged(): string {
    return this.errors;
  }

  /** Starts the binary; again after kill or stop, on the same port and data. */
  async run(): Promise<void> {
    const file = join(this.data, "links.json");
    rmSync(file, { force: true });
    const media = this.options.host ?? "127.0.0.1";
    const command = [
      ...(this.options.wrapper ?? []),
      binary,
      "serve",
      "--demo",
      `--demo-links=${file}`,
      `--data=${join(this.data, "data")}`,
      `--http-listen=${this.listen}`,
      `--media-listen=${media}:0`,
      `--media-announce=${media}`,
      `--turn-udp=${media}:0`,
      `--turn-tcp=${media}:0`,
      `--turn-host=${media}`,
      ...(this.options.flags ?? []),
    ];
    const [program, ...args] = command;
    if (program === undefined) throw new Error("no program to run");
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    child.stdout.on("data", (text) => {
      this.log += text;
    });
    child.stderr.on("data", (text) => {
      this.log += text;
      this.errors += text;
    });
    const deadline = Date.now() + startMs;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`the server did not start:\n${this.log}`);
      const links = read(file);
      if (links && (this.options.wrapper || (await ready(new URL(links.doctor).origin)))) {
        this.links = links;
        this.listen = new URL(links.doctor).host;
        return;
      }
      await sleep(50);
    }
  }

  /** Ends it without a warning, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends it as an operator would, and fails if it does not end in time or well. */
  async stop(): Promise<void> {
    const child = this.child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<number | null>((done) => child.once("exit", done));
      child.kill("SIGTERM");
      const late = sleep(stopMs).then(() => "late" as const);
      const code = await Promise.race([gone, late]);
      if (code === "late") {
        await this.kill();
        throw new Error(`the server did not stop within ${stopMs} ms:\n${this.log}`);
      }
      if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.log}`);
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}

function read(file: string): Links | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Links;
  } catch {
    return undefined; // not written, or not wholly
  }
}

async function ready(origin: string): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/readyz`);
    return answer.ok;
  } catch {
    return false;
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
