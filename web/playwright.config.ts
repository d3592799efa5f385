import { defineConfig, devices } from "@playwright/test";
import { SESSION } from "./e2e/lotwise";

/** The tests run against a real server: `cargo xtask test` starts one and sets both variables. */
const url = process.env.LOTWISE_URL;
if (!url || !process.env.LOTWISE_LOGIN_URL) {
  throw new Error("Set LOTWISE_URL and LOTWISE_LOGIN_URL to those of a running `lotwise demo`.");
}

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  reporter: "list",
  forbidOnly: true,
  // A browser on a busy machine: what passes at the second attempt is told apart, as flaky.
  retries: 1,
  // One server for all, and the kill switch is for everyone.
  workers: 1,
  use: {
    ...devices["Desktop Chrome"],
    baseURL: url,
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium" },
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "sign in", testMatch: "sign-in.setup.ts" },
    {
      name: "chromium",
      testIgnore: "demo.spec.ts",
      dependencies: ["sign in"],
      use: { storageState: SESSION },
    },
    // As a visitor sees the demo, who opens the whole link.
    { name: "demo", testMatch: "demo.spec.ts" },
  ],
});
