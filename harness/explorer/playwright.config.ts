import { defineConfig } from "@playwright/test";

// One browser, one server: the tests are about the page, and a machine of two cores has no more to give. The server is
// the program itself, with the page that was built into it.
const listen = "127.0.0.1:7079";

export default defineConfig({
  testDir: ".",
  testMatch: ["tests/*.spec.ts", "src/**/*.test.ts"],
  workers: 1,
  forbidOnly: true,
  reporter: "list",
  use: {
    baseURL: process.env["EXPLORER"] ?? `http://${listen}/`,
    launchOptions: { executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium" },
  },
  ...(process.env["EXPLORER"]
    ? {}
    : {
        webServer: {
          command: `"${process.env["PROOFMARK"] ?? "proofmark"}" explore paxos --listen ${listen}`,
          url: `http://${listen}/api/v1/models`,
          timeout: 30_000,
        },
      }),
});
