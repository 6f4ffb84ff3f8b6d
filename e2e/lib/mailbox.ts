import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { expect } from "@playwright/test";
import type { Server } from "./server.ts";

interface Letter {
  To: string;
  Text: string;
}

/** What the server wrote to somebody, in the demonstration's folder of messages. */
export function lettersTo(server: Server, address: string): string[] {
  const folder = join(server.data, "data", "messages");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Letter)
    .filter((letter) => letter.To === address)
    .map((letter) => letter.Text);
}

/** The code of the letter after those that were there before. */
export async function codeAfter(server: Server, address: string, before: number): Promise<string> {
  await expect.poll(() => lettersTo(server, address).length, { timeout: 15_000 }).toBeGreaterThan(before);
  const code = /\b\d{6}\b/.exec(lettersTo(server, address).at(-1) ?? "")?.[0];
  if (!code) throw new Error("the letter holds no code");
  return code;
}

/** What an authenticator app shows for a secret (RFC 6238). */
export function authenticatorCode(secret: string, at = Date.now()): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const char of secret.replaceAll(" ", "")) bits += alphabet.indexOf(char).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
