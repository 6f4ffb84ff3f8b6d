import { defineConfig } from "@playwright/test";

// One worker: a call of two browsers takes both cores of a small machine.
export default defineConfig({
  testDir: "tests",
  testMatch: ["**/*.spec.ts", "**/*.bench.ts"],
  outputDir: "results/artifacts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [["list"], ["json", { outputFile: "results/report.json" }]],
});
