import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";

const src = import.meta.dirname;

/** What each folder may import besides itself: views know state, never the other way round. */
const mayImport: Record<string, readonly string[]> = {
  api: [],
  rtc: [],
  i18n: [],
  ui: [],
  state: ["api", "rtc", "i18n", "ui"],
  screens: ["api", "rtc", "i18n", "ui", "state"],
  clinic: ["api", "i18n", "ui", "state", "screens"],
  visit: ["api", "rtc", "i18n", "ui", "state", "screens"],
};

/** The patient's screens share the store of the one entry that they belong to. */
const also: Record<string, readonly string[]> = {
  "screens/visit": ["visit"],
  "screens/booking": ["visit"],
};

const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => /\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));

const importsOf = (file: string) =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) =>
    relative(src, resolve(dirname(file), match[1] ?? "")),
  );

it("imports go one way: screens, state, then rtc and api", () => {
  const wrong = files.flatMap((file) => {
    const path = relative(src, file);
    const home = path.split("/")[0] ?? "";
    return importsOf(file)
      .filter((target) => {
        const other = target.split("/")[0] ?? "";
        const allowed = [...(mayImport[home] ?? []), ...(also[dirname(path)] ?? [])];
        return other !== home && !allowed.includes(other);
      })
      .map((target) => `${path} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

it("keeps React out of the SDK", () => {
  const wrong = files.filter(
    (file) =>
      relative(src, file).startsWith("rtc/") && /from "react/.test(readFileSync(file, "utf8")),
  );
  expect(wrong).toEqual([]);
});
