import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Strings } from "./index";

const here = import.meta.dirname;
const files = readdirSync(join(here, "en")).filter((file) => file.endsWith(".ts"));

/** Plural forms each language must have wherever a key has any. */
const forms = {
  en: ["one", "other"],
  ru: ["one", "few", "many", "other"],
} as const;
const plural = /_(zero|one|two|few|many|other)$/;

function flatten(strings: Strings, prefix = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(strings)) {
    if (typeof value === "string") out.set(prefix + key, value);
    else for (const [k, v] of flatten(value, `${prefix}${key}.`)) out.set(k, v);
  }
  return out;
}

const load = async (language: string, file: string) => {
  const module: { default: Strings } = await import(join(here, language, file));
  return flatten(module.default);
};

const stems = (keys: Iterable<string>) =>
  [...new Set([...keys].map((key) => key.replace(plural, "")))].sort();

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((m) => m[1]).sort();

describe("the languages agree", () => {
  it("has the same files", () => {
    expect(readdirSync(join(here, "ru")).filter((file) => file.endsWith(".ts"))).toEqual(files);
  });

  for (const file of files) {
    it(`${file}: same keys, none empty, all plural forms, same values to fill in`, async () => {
      const en = await load("en", file);
      const ru = await load("ru", file);
      expect(stems(ru.keys())).toEqual(stems(en.keys()));
      for (const [language, strings] of [["en", en] as const, ["ru", ru] as const]) {
        for (const [key, text] of strings) {
          expect(text.trim(), `${language} ${key}`).not.toBe("");
          if (!plural.test(key)) continue;
          for (const form of forms[language]) {
            expect(strings.has(key.replace(plural, `_${form}`)), `${language} ${key} ${form}`).toBe(
              true,
            );
          }
        }
      }
      for (const [key, text] of en) {
        if (plural.test(key)) continue;
        expect(holes(ru.get(key) ?? ""), key).toEqual(holes(text));
      }
    });
  }
});
