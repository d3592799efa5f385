// How soon the portfolio of a running `lotwise demo` can be used: `npm run bench -- 'LINK'`, with the link that it printed.
// A benchmark and no test: figures depend on the machine.
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";

const ROUNDS = 9;

const link = process.argv[2];
if (link === undefined) throw new Error("Give the link that `lotwise demo` printed.");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const first = await context.newPage();
await first.goto(link);
await first.waitForURL(/\/funds\/\d+/);
const address = first.url();
const storageState = await context.storageState();
await context.close();

const rounds = [];
for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure());
await browser.close();

for (const [name, key] of [
  ["first contentful paint, ms", "paintMs"],
  ["portfolio table interactive, ms", "interactiveMs"],
  ["requests until then", "requests"],
  ["script until then, bytes gzipped", "scriptBytes"],
]) {
  const values = rounds.map((round) => Math.round(round[key])).toSorted((a, b) => a - b);
  const median = values[ROUNDS >> 1];
  process.stdout.write(`${name}: ${median} (${values[0]} to ${values.at(-1)}, ${ROUNDS} rounds)\n`);
}

/** One load with an empty cache, in milliseconds since the navigation began. */
async function measure() {
  const context = await browser.newContext({
    storageState,
    viewport: { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  const scripts = [];
  let requests = 0;
  page.on("request", () => {
    requests += 1;
  });
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.push(response.body());
  });
  await page.addInitScript(() => {
    // Interactive: the table is there, and the main thread has drawn it and is free again.
    new MutationObserver((_, observer) => {
      if (document.querySelector("[role=grid] tbody tr") === null) return;
      observer.disconnect();
      requestAnimationFrame(() =>
        setTimeout(() => Object.assign(window, { interactiveMs: performance.now() })),
      );
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(address, { waitUntil: "commit" });
  await page.waitForFunction(() => "interactiveMs" in window);
  const seen = { requests, scripts: await Promise.all(scripts) };
  const times = await page.evaluate(() => ({
    interactiveMs: window.interactiveMs,
    paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  }));
  await context.close();
  const scriptBytes = seen.scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
  return { ...times, requests: seen.requests, scriptBytes };
}
