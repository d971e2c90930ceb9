import { defineConfig } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

// One browser, one server: the tests are about the page, and a machine of two cores has no more to give. The server is
// the program itself, with the page that was built into it; another that already runs is named by `EXPLORER`.
const listen = "127.0.0.1:7079";
const named = process.env["PROOFMARK"] ?? "proofmark";
const program = named.includes("/") ? resolve(named) : named;

/** A check keeps its counterexamples where the server was started: a new place, so that none is kept before. */
function fresh(): string {
  // Each worker reads this file again, and starts no server.
  if (process.env["TEST_WORKER_INDEX"] !== undefined) return tmpdir();
  const place = mkdtempSync(join(tmpdir(), "proofmark-explorer-"));
  process.on("exit", () => rmSync(place, { recursive: true, force: true }));
  return place;
}

export default defineConfig({
  testDir: ".",
  testMatch: ["tests/*.spec.ts", "src/**/*.test.ts"],
  workers: 1,
  forbidOnly: true,
  reporter: "list",
  timeout: 20_000,
  use: {
    baseURL: process.env["EXPLORER"] ?? `http://${listen}/`,
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium" },
  },
  ...(process.env["EXPLORER"]
    ? {}
    : {
        webServer: {
          command: `exec "${program}" explore single-decree-paxos --listen ${listen}`,
          cwd: fresh(),
          url: `http://${listen}/api/v1/models`,
          timeout: 30_000,
        },
      }),
});
