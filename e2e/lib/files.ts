import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { inflateRawSync } from "node:zlib";
import type { Download, Page } from "@playwright/test";
import { desktop, phone } from "./browser.ts";

export const results = resolve(import.meta.dirname, "../results");
const screens = join(results, "screens");

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The bytes of a finished download. */
export async function bytesOf(download: Download): Promise<Buffer> {
  return readFileSync(await download.path());
}

/** The files of a ZIP archive by name, as its directory at the end lists them. */
export function unzip(zip: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf("PK\u0005\u0006", undefined, "latin1");
  if (end < 0) throw new Error("no directory: the archive is not whole");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field)) as [number, number, number];
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(from, from + size);
    files.set(zip.toString("utf8", at + 46, at + 46 + name), method === 8 ? inflateRawSync(data) : data);
    at += 46 + name + extra + comment;
  }
  return files;
}

/** The text of a PDF, as poppler extracts it. */
export function pdfText(pdf: Uint8Array): string {
  mkdirSync(results, { recursive: true });
  const file = join(results, "document.pdf");
  writeFileSync(file, pdf);
  return execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
}

/** A screen at both sizes. Nothing asserts on it; people look at it. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(screens, { recursive: true });
  const before = page.viewportSize() ?? desktop;
  for (const [size, view] of [["desktop", desktop], ["phone", phone]] as const) {
    await page.setViewportSize(view);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    // One turn of layout and paint for what follows the size.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.screenshot({ path: join(screens, `${name}-${size}.png`), animations: "disabled" });
  }
  await page.setViewportSize(before);
}

/** A file with every byte value in it, of a size that needs several packets. */
export function sampleFile(size = 200_000): Buffer {
  const data = Buffer.alloc(size);
  for (let at = 0; at < size; at++) data[at] = (at * 31 + (at >> 8)) & 0xff;
  return data;
}

/** The least PNG that browsers draw: one red pixel. */
export function samplePicture(): Buffer {
  return Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==",
    "base64",
  );
}
