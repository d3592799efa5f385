import type { Page } from "@playwright/test";
import { callApi, expect, FEATURE, openFund, test } from "./lotwise";

const BANNER = "Lot-level MOIC temporarily unavailable";

async function turn(page: Page, way: "kill" | "restore"): Promise<void> {
  const path = `/api/flags/${FEATURE}/${way}`;
  const answer = await callApi(page, "POST", path, { reason: "rehearsed by a browser test" });
  expect(answer.status).toBe(200);
}

test("a kill in mid-session falls back to the simple MOIC, and a restore brings the lenses back", async ({
  page,
}) => {
  await openFund(page);
  try {
    await turn(page, "kill");
    // The page notices by itself.
    await expect(page.getByText(BANNER)).toBeVisible({ timeout: 15_000 });
    await expect(page.getByText("The lot-level MOIC feature is currently disabled.")).toBeVisible();
    await expect(page.getByRole("grid")).toHaveCount(0);
    await expect(page.getByRole("region", { name: "Simple MOIC", exact: true })).toContainText(
      "Invested",
    );
    const rows = page
      .getByRole("region", { name: "Simple MOIC by company, gross" })
      .locator("tbody tr");
    expect(await rows.count()).toBeGreaterThan(1);
    await page.reload();
    await expect(page.getByText(BANNER)).toBeVisible();
  } finally {
    await turn(page, "restore");
  }
  await expect(page.getByRole("grid")).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText(BANNER)).toHaveCount(0);
});

test("a feature that is off without a kill says so without a banner", async ({ page }) => {
  await page.route("**/portfolio/lots/moic*", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      json: {
        error: "feature_disabled",
        message: "The lot-level MOIC feature is currently disabled",
        feature: FEATURE,
        fallback: {
          endpoint: "/api/funds/1/moic",
          description: "Use legacy MOIC endpoint for basic calculations",
        },
      },
    }),
  );
  await page.goto("/");
  await expect(page.getByText("The simple MOIC of each company is shown below")).toBeVisible();
  await expect(page.getByText(BANNER)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Beta" })).toHaveCount(0);
});
