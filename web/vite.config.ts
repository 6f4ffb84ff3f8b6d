/// <reference types="vitest/config" />
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compress } from "./tools/compress.ts";
import { pages } from "./tools/pages.ts";

const root = import.meta.dirname;
const server = "http://127.0.0.1:8080";

// Two entries: the clinic's staff and the patients. Go serves the right one by
// path (web.go), so there is no index.html.
const entries = Object.fromEntries(
  ["clinic", "visit"]
    .map((name) => [name, resolve(root, `${name}.html`)] as const)
    .filter(([, file]) => existsSync(file)),
);

export default defineConfig({
  root,
  plugins: [react(), compress(), pages()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["es2022", "safari15.4"],
    // The content security policy allows neither data: scripts nor inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: entries },
  },
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
  },
});
