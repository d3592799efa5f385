import { gzipSync } from "node:zlib";
import AxeBuilder from "@axe-core/playwright";
import type { Response } from "@playwright/test";
import { expect, openFund, test } from "./lotwise";

const FIRST_LOAD_BYTES_MAX = 200_000;
const WIDTHS = [1440, 768, 360];

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of WIDTHS) {
    test(`is accessible and fits at ${width} pixels, ${colorScheme}`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await openFund(page);
      await page.locator('[data-row="0"][data-column="0"]').focus();
      await expect(page.getByRole("tooltip")).toBeVisible();
      await page.screenshot({ path: info.outputPath("fund.png"), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(sideways, "the page itself does not scroll sideways").toBe(0);
    });
  }
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 360]) {
    test(`breaks down to lots and takes feedback accessibly at ${width} pixels, ${colorScheme}`, async ({
      page,
    }, info) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await openFund(page);
      await page.getByRole("button", { name: "Beta" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await page.screenshot({ path: info.outputPath("feedback.png") });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      await page.keyboard.press("Escape");
      await page
        .getByRole("button", { name: /^Lots of/ })
        .first()
        .click();
      await expect(page.getByRole("region", { name: "Lots" })).toBeVisible();
      await page.screenshot({ path: info.outputPath("lots.png") });
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    });
  }
}

test("keeps a chosen colour scheme", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openFund(page);
  await page.getByRole("button", { name: "Switch to dark" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("loads at most 200 kB of script, compressed, before anything of the chart", async ({
  page,
}) => {
  await page.route("**/assets/PerformanceChart-*", () => undefined);
  const scripts: Promise<Buffer>[] = [];
  function note(response: Response): void {
    if (response.request().resourceType() === "script") scripts.push(response.body());
  }
  page.on("response", note);
  await openFund(page);
  // What comes later is not the first load, and may come after the test.
  page.off("response", note);
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length);
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
});
