import type { Page } from "@playwright/test";
import { expect, FEATURE, openFund, serveWithoutEvaluation, test } from "./lotwise";

const LENSES = "**/portfolio/lots/moic*";
const OFREP = "**/ofrep/v1/evaluate/flags";

/** Opens a fund's page with these parameters. */
async function openFundWith(page: Page, search: string): Promise<void> {
  await openFund(page);
  await page.goto(`${new URL(page.url()).pathname}${search}`);
}

test("who leaves by the address sees the simple MOIC at once, and comes back by the address (A2, A4)", async ({
  page,
}) => {
  await openFund(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/lots/moic")) asked.push(request.url());
  });
  const fund = new URL(page.url()).pathname;
  await page.goto(`${fund}?ff_${FEATURE}=0`);
  await expect(page.getByRole("button", { name: /^Simple MOIC · you left/ })).toBeVisible();
  await expect(page.getByRole("region", { name: "Simple MOIC by company, gross" })).toBeVisible();
  // The choice is kept in this browser.
  await page.goto(fund);
  await expect(page.getByRole("button", { name: /^Simple MOIC · you left/ })).toBeVisible();
  expect(asked, "the lenses are not even asked for").toEqual([]);
  await page.getByRole("link", { name: "Switch the lenses on again" }).click();
  await expect(page).toHaveURL(new RegExp(`ff_${FEATURE}=1`));
  await expect(page.getByRole("grid")).toBeVisible();
});

test("the server stays the judge of who enters", async ({ page }) => {
  await serveWithoutEvaluation(page);
  await page.route(OFREP, (route) =>
    route.fulfill({
      json: {
        flags: [{ key: FEATURE, value: false, variant: "off", reason: "STATIC", metadata: {} }],
      },
    }),
  );
  await page.route(LENSES, (route) =>
    route.fulfill({
      status: 503,
      json: { error: "feature_disabled", message: "Not for you", feature: FEATURE },
    }),
  );
  await openSimple(page, `?ff_${FEATURE}=1`);
  await expect(page.getByText("Not for you.")).toBeVisible();
});

test("without an answer of the server to its flags, development has the feature", async ({
  page,
}) => {
  await serveWithoutEvaluation(page);
  await page.route(OFREP, (route) => route.fulfill({ status: 500, json: {} }));
  await openFund(page);
  await expect(page.getByRole("button", { name: /^Lot-level MOIC/ })).toBeVisible();
});

test("a deploy setting turns the feature off, whatever anybody wishes", async ({ page }) => {
  await serveWithoutEvaluation(page);
  await page.route("**/api/client-state", async (route) => {
    const answer = await route.fetch();
    const state = await answer.json();
    const clientSettings = { ...state.clientSettings, [FEATURE]: false };
    await route.fulfill({ json: { ...state, clientSettings } });
  });
  await openSimple(page, `?ff_${FEATURE}=1`);
  await expect(page.getByRole("button", { name: /switched off by this deployment/ })).toBeVisible();
});

test("without the shared store each page fetches for itself (A3)", async ({ page }) => {
  let fetches = 0;
  page.on("request", (request) => {
    if (/\/api\/funds\/\d+\/moic$/.test(request.url())) fetches += 1;
  });
  for (const [wish, expected] of [
    ["1", 1],
    ["0", 2],
  ] as const) {
    await openFundWith(page, `?ff_useFundStore=${wish}`);
    await expect(page.getByRole("grid")).toBeVisible();
    fetches = 0;
    await page.goto(`${new URL(page.url()).pathname}?ff_useFundStore=${wish}`);
    await expect(page.getByRole("grid")).toBeVisible();
    await page.getByRole("link", { name: "Rollouts" }).click();
    await expect(page).toHaveURL(/\/rollouts/);
    await page.getByRole("link", { name: "Portfolio" }).click();
    await expect(page.getByRole("grid")).toBeVisible();
    expect(fetches, `ff_useFundStore=${wish}`).toBe(expected);
  }
});

async function openSimple(page: Page, search: string): Promise<void> {
  await page.goto(`/${search}`);
  await page.waitForURL(/\/funds\/\d+/);
  await expect(page.getByRole("region", { name: "Simple MOIC by company, gross" })).toBeVisible();
}
