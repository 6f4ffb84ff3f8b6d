import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Strings } from "./index";

const src = join(import.meta.dirname, "..");

function flatten(strings: Strings, prefix = ""): string[] {
  return Object.entries(strings).flatMap(([key, value]) =>
    typeof value === "string" ? [prefix + key] : flatten(value, `${prefix}${key}.`),
  );
}

/** Keys as code names them: without the plural form. */
const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

async function known(): Promise<Set<string>> {
  const dir = join(import.meta.dirname, "en");
  const keys = new Set<string>();
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".ts"))) {
    const module: { default: Strings } = await import(join(dir, file));
    for (const key of flatten(module.default)) {
      keys.add(key);
      keys.add(stem(key));
    }
  }
  return keys;
}

function sources(): [string, string][] {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => /\.tsx?$/.test(entry.name) && !/\.test\.|schema\.d/.test(entry.name))
    .filter((entry) => !entry.parentPath.includes("i18n"))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file, readFileSync(file, "utf8")]);
}

it("has words for every key that the code names", async () => {
  const keys = await known();
  const missing = sources().flatMap(([file, code]) =>
    [...code.matchAll(/\bt\(\s*"([\w.]+)"/g)]
      .map((match) => match[1] ?? "")
      .filter((key) => !keys.has(key))
      .map((key) => `${file}: ${key}`),
  );
  expect(missing).toEqual([]);
});
