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

/** Words such as "too_many" only look like a plural: those always have an "other". */
const isPlural = (key: string, all: ReadonlyMap<string, string>) =>
  plural.test(key) && all.has(key.replace(plural, "_other"));

const stems = (all: ReadonlyMap<string, string>) => {
  const names = [...all.keys()].map((key) => (isPlural(key, all) ? key.replace(plural, "") : key));
  return [...new Set(names)].sort();
};

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((m) => m[1]).sort();

describe("the languages agree", () => {
  it("has the same files", () => {
    expect(readdirSync(join(here, "ru")).filter((file) => file.endsWith(".ts"))).toEqual(files);
  });

  // A page's texts are the files' side by side: of two with one name only the last would be left.
  it("uses each name at the top of one file only", async () => {
    const owners = new Map<string, string[]>();
    for (const file of files) {
      const module: { default: Strings } = await import(join(here, "en", file));
      for (const name of Object.keys(module.default)) {
        owners.set(name, [...(owners.get(name) ?? []), file]);
      }
    }
    expect([...owners].filter(([, names]) => names.length > 1)).toEqual([]);
  });

  for (const file of files) {
    it(`${file}: same keys, none empty, all plural forms, same values to fill in`, async () => {
      const en = await load("en", file);
      const ru = await load("ru", file);
      expect(stems(ru)).toEqual(stems(en));
      for (const [language, strings] of [["en", en] as const, ["ru", ru] as const]) {
        for (const [key, text] of strings) {
          expect(text.trim(), `${language} ${key}`).not.toBe("");
          if (!isPlural(key, strings)) continue;
          for (const form of forms[language]) {
            expect(strings.has(key.replace(plural, `_${form}`)), `${language} ${key} ${form}`).toBe(
              true,
            );
          }
        }
      }
      for (const [key, text] of en) {
        if (isPlural(key, en)) continue;
        expect(holes(ru.get(key) ?? ""), key).toEqual(holes(text));
      }
    });
  }
});
