import AxeBuilder from "@axe-core/playwright";
import type { Page, TestInfo } from "@playwright/test";
import { expect } from "./lotwise";

const CHECK_TIMEOUT_MS = 120_000;
export const SCHEMES = ["light", "dark"] as const;

/** The page as it stands has no violation of axe and does not scroll sideways, wide and narrow; pictures are kept. */
export async function expectAccessibleAndFitting(page: Page, info: TestInfo): Promise<void> {
  // Axe takes its time on a page of several hundred elements.
  info.setTimeout(CHECK_TIMEOUT_MS);
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: info.outputPath(`${width}.png`), fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations, `axe at ${width} pixels`).toEqual([]);
    const sideways = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(sideways, `the page itself does not scroll sideways at ${width} pixels`).toBe(0);
  }
}
