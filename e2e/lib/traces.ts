import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Person } from "./browser.ts";

/** Which of the words a text holds. */
export function found(text: string, words: readonly string[]): string[] {
  return words.filter((word) => text.includes(word));
}

/** What a browser keeps of an origin beside the open page: every kind of storage there is. */
export function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const parts: string[] = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
    for (const { name, version } of await indexedDB.databases()) {
      if (name === undefined) continue;
      const db = await new Promise<IDBDatabase>((done, fail) => {
        const asked = indexedDB.open(name, version);
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
      for (const store of db.objectStoreNames) {
        const all = await new Promise<unknown[]>((done, fail) => {
          const asked = db.transaction(store).objectStore(store).getAll();
          asked.onsuccess = () => done(asked.result);
          asked.onerror = () => fail(asked.error);
        });
        parts.push(`${name}/${store}`, JSON.stringify(all));
      }
      db.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        parts.push(request.url, (await (await cache.match(request))?.text()) ?? "");
      }
    }
    parts.push(document.cookie, JSON.stringify(history.state), location.href);
    return parts.join("\n");
  });
}

/** Everything a page shows or holds in its document, also what is hidden. */
export function shown(page: Page): Promise<string> {
  return page.evaluate(() => {
    const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")];
    return [document.title, document.documentElement.outerHTML, ...fields.map((one) => one.value)].join("\n");
  });
}

/** Files under a folder whose bytes hold one of the words, as "name: word". */
export function inFiles(folder: string, words: readonly string[], skip: readonly string[] = []): string[] {
  const hits: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || skip.some((one) => path.startsWith(join(folder, one)))) continue;
    const bytes = readFileSync(path);
    for (const word of words) {
      const forms = [Buffer.from(word), Buffer.from(word, "utf16le"), Buffer.from(encodeURIComponent(word))];
      if (forms.some((form) => bytes.includes(form))) hits.push(`${entry.name}: ${word}`);
    }
  }
  return hits;
}

/** Notes of a person's traffic what must never carry anything personal. */
export class Traffic {
  readonly addresses: string[] = [];
  /** Answers of the API that a browser would have been free to keep. */
  readonly keepable: string[] = [];

  constructor(person: Person) {
    person.context.on("request", (request) => {
      this.addresses.push(request.url(), request.headers()["referer"] ?? "");
    });
    person.context.on("response", (response) => {
      if (!new URL(response.url()).pathname.startsWith("/api/")) return;
      if (!(response.headers()["cache-control"] ?? "").includes("no-store")) this.keepable.push(response.url());
    });
  }
}
