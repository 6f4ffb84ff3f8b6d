import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import { watchPeers } from "./media.ts";

const installed = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium of the machine, or the one that $CHROMIUM names. */
export function chromiumPath(): string {
  const path = process.env["CHROMIUM"] ?? installed.find((one) => existsSync(one));
  if (!path) throw new Error("no Chromium here: install it or set CHROMIUM to its path");
  return path;
}

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 360, height: 740 };

export interface PersonOptions {
  locale?: "ru-RU" | "en-GB";
  size?: { width: number; height: number };
  /** Of the person's own clock; the clinic's by default. */
  zone?: string;
  /** Starts the browser by this file instead of Chromium itself. */
  executable?: string;
  /** Runs in every page before its scripts. */
  init?: string;
  /** Origins that are to count as secure although they are plain HTTP. */
  trust?: string;
}

/** One person at one device: a browser of their own. */
export class Person {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
  private readonly browser: Browser;
  /** Errors of the page's scripts, which no test expects. */
  readonly errors: string[] = [];
  /** The last messages on the page's WebSockets, for a test that failed. */
  readonly frames: string[] = [];

  private constructor(name: string, browser: Browser, context: BrowserContext, page: Page) {
    this.name = name;
    this.browser = browser;
    this.context = context;
    this.page = page;
    this.listen(page);
  }

  static async open(name: string, options: PersonOptions = {}): Promise<Person> {
    const browser = await chromium.launch({
      executablePath: options.executable ?? chromiumPath(),
      args: [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream=device-count=1,fps=30",
        "--auto-select-desktop-capture-source=Entire screen",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        ...(options.trust ? [`--unsafely-treat-insecure-origin-as-secure=${options.trust}`] : []),
      ],
    });
    const context = await browser.newContext({
      viewport: options.size ?? desktop,
      locale: options.locale ?? "ru-RU",
      timezoneId: options.zone ?? "Europe/Moscow",
      acceptDownloads: true,
      reducedMotion: "reduce",
    });
    await context.addInitScript(watchPeers);
    if (options.init) await context.addInitScript({ content: options.init });
    const page = await context.newPage();
    return new Person(name, browser, context, page);
  }

  /** Another person in another window of the same browser, with cookies of their own. */
  async also(name: string): Promise<Person> {
    const context = await this.browser.newContext({
      viewport: desktop,
      locale: "ru-RU",
      timezoneId: "Europe/Moscow",
      reducedMotion: "reduce",
    });
    await context.addInitScript(watchPeers);
    return new Person(name, this.browser, context, await context.newPage());
  }

  private listen(page: Page): void {
    page.on("pageerror", (error) => this.errors.push(`${this.name}: ${error.message}`));
    page.on("websocket", (socket) => {
      const note = (arrow: string) => (frame: { payload: string | Buffer }) => {
        this.frames.push(`${new Date().toISOString().slice(11, 23)} ${arrow} ${String(frame.payload).slice(0, 400)}`);
        if (this.frames.length > 120) this.frames.shift();
      };
      socket.on("framesent", note(">"));
      socket.on("framereceived", note("<"));
    });
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
