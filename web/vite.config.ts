import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** A running `lotwise` for `npm run dev`; the session cookie stays on the dev server's own origin. */
const server = process.env.LOTWISE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": server, "/ofrep": server, "/metrics": server, "/readyz": server } },
  build: {
    target: "es2023",
    // Inlined data: URLs would need wider rules in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The portfolio is the first load; every other page is a script of its own.
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing.ts"],
  },
});
