// Size gate: the JavaScript a page needs before it shows anything, gzipped.
// Lazy chunks (dynamic imports) are listed but do not count.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = join(import.meta.dirname, "..", "dist");
const limits = { visit: 150, clinic: 250 };

const gz = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;

/** Files an entry loads at once: what its HTML names and what these import statically. */
function eager(html) {
  const seen = new Set();
  const queue = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]);
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const code = readFileSync(join(dist, file), "utf8");
    for (const m of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      queue.push(`assets/${m[1]}`);
  }
  return [...seen];
}

let failed = false;
const counted = new Set();
for (const [name, limit] of Object.entries(limits)) {
  const page = join(dist, `${name}.html`);
  if (!existsSync(page)) continue;
  const files = eager(readFileSync(page, "utf8"));
  for (const file of files) counted.add(file);
  const total = files.reduce((sum, file) => sum + gz(file), 0);
  const verdict = total > limit ? "TOO BIG" : "ok";
  if (total > limit) failed = true;
  console.log(
    `${name}: ${total.toFixed(1)} KB gzipped JavaScript of ${limit} KB allowed: ${verdict}`,
  );
}
for (const file of readdirSync(join(dist, "assets")).filter((f) => f.endsWith(".js"))) {
  if (!counted.has(`assets/${file}`))
    console.log(`  lazy ${file}: ${gz(`assets/${file}`).toFixed(1)} KB`);
}
if (failed) process.exit(1);
