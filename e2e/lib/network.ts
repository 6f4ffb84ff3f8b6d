import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumPath } from "./browser.ts";

/** Why namespaces cannot be made here, or undefined when they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  for (const tool of ["ip", "nft"]) {
    if (spawnSync(tool, ["-V"]).error) return `${tool} is not installed`;
  }
  const name = `consilium-try-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.status !== 0) return `no network namespaces here: ${made.stderr.trim()}`;
  spawnSync("ip", ["netns", "del", name]);
  return undefined;
}

/**
 * Two hosts and one wire: the server's and the clinic's or patient's, the latter behind a
 * firewall that lets no UDP through.
 */
export class BlockedNetwork {
  readonly serverHost = "10.99.7.1";
  readonly serverWrapper: readonly string[];
  /** Chromium in the browsers' host, as a file to start. */
  readonly chromium: string;
  private readonly names: { server: string; browser: string };
  private readonly folder = mkdtempSync(join(tmpdir(), "consilium-netns-"));

  constructor() {
    const id = String(process.pid);
    this.names = { server: `consilium-s-${id}`, browser: `consilium-b-${id}` };
    this.serverWrapper = ["ip", "netns", "exec", this.names.server];
    this.chromium = join(this.folder, "chromium");
    writeFileSync(
      this.chromium,
      `#!/bin/sh\nexec ip netns exec ${this.names.browser} ${chromiumPath()} "$@"\n`,
    );
    chmodSync(this.chromium, 0o755);
    try {
      this.build();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  private build(): void {
    const { server, browser } = this.names;
    run("ip", "netns", "add", server);
    run("ip", "netns", "add", browser);
    run("ip", "-n", server, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", browser);
    for (const [name, address] of [
      [server, `${this.serverHost}/24`],
      [browser, "10.99.7.2/24"],
    ] as const) {
      run("ip", "-n", name, "link", "set", "lo", "up");
      run("ip", "-n", name, "addr", "add", address, "dev", "wire");
      run("ip", "-n", name, "link", "set", "wire", "up");
    }
    const rules = [
      "table inet wall {",
      "  chain out { type filter hook output priority 0; oifname wire meta l4proto udp counter drop; }",
      "  chain in { type filter hook input priority 0; iifname wire meta l4proto udp counter drop; }",
      "}",
    ].join("\n");
    execFileSync("ip", ["netns", "exec", browser, "nft", "-f", "-"], { input: rules });
  }

  /** How many UDP packets the firewall has stopped. */
  blocked(): number {
    const text = run("ip", "netns", "exec", this.names.browser, "nft", "list", "table", "inet", "wall");
    let sum = 0;
    for (const [, packets] of text.matchAll(/counter packets (\d+)/g)) sum += Number(packets);
    return sum;
  }

  close(): void {
    for (const name of Object.values(this.names)) spawnSync("ip", ["netns", "del", name]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
