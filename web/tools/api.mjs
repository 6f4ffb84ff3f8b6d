// Writes src/api/schema.d.ts from docs/openapi.json; with --check it only says
// whether the committed file is current.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = join(import.meta.dirname, "..");
const spec = join(web, "..", "docs", "openapi.json");
const target = join(web, "src", "api", "schema.d.ts");
const cli = join(web, "tools", "apigen", "node_modules", "openapi-typescript", "bin", "cli.js");
const generate = (file) =>
  execFileSync(process.execPath, [cli, spec, "-o", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });

if (!process.argv.includes("--check")) {
  generate(target);
} else {
  const dir = mkdtempSync(join(tmpdir(), "consilium-api-"));
  try {
    const fresh = join(dir, "schema.d.ts");
    generate(fresh);
    if (readFileSync(fresh, "utf8") !== readFileSync(target, "utf8")) {
      console.error(
        "src/api/schema.d.ts is behind docs/openapi.json: run `npm run api` in web/ and commit the result.",
      );
      process.exitCode = 1;
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}
