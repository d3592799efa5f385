import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, test } from "./lotwise";
import { createOwnFund, FEATURE_DISABLED, type OwnFund, turnOffForPage } from "./own-fund";

function parts(page: Page) {
  const plan = page.getByRole("region", { name: "Plan" });
  const table = page.getByRole("region", { name: "Investments without a lot, by company" });
  return {
    plan,
    table,
    review: page.getByRole("region", { name: "Investments to look at first" }),
    apply: plan.getByRole("button", { name: "Apply" }),
    seed: table.getByRole("textbox", { name: /^Fully diluted shares .* after Seed/ }),
    applied: page.getByRole("status").filter({ hasText: /is (applied|undone)/ }),
  };
}

/** Two legacy cheques of one company, 10% at ten times the amount each. */
async function openMigration(page: Page, name: string): Promise<OwnFund> {
  const fund = await createOwnFund(page, name);
  for (const [round, investmentDate, amountCents] of [
    ["Seed", "2021-04-03", "100000000"],
    ["Series A", "2022-06-05", "200000000"],
  ] as const) {
    const answer = await callApi(page, "POST", `/api/funds/${fund.fundId}/investments`, {
      companyId: fund.companyId,
      round,
      investmentDate,
      amountCents,
      ownership: "0.1",
      postMoneyValuationCents: `${amountCents}0`,
    });
    expect(answer.status).toBe(201);
  }
  await page.goto(`${fund.path}/migration`);
  await expect(parts(page).table).toBeVisible();
  return fund;
}

test("says what each investment needs, writes what has it, and takes it back", async ({ page }) => {
  const fund = await openMigration(page, "Fund of a migration");
  const { plan, table, apply, seed, applied } = parts(page);
  await expect(seed).toHaveValue("");
  await expect(plan).toContainText("None of 2 investments can become a lot yet");
  await expect(apply).toBeDisabled();
  await seed.fill("5,000,000");
  await expect(plan).toContainText(
    "1 of 2 investments becomes a lot; the legacy records stay as they are.",
  );
  const row = table.getByRole("row").filter({ hasText: "Seed" });
  await expect(row).toContainText("500,000 shares at $2.00");
  await expect(row).toContainText("verified");
  const comparison = page.getByRole("region", { name: /^Multiples of the fund/ });
  await expect(comparison.getByRole("row").nth(1)).toContainText("Fund");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    plan.getByRole("button", { name: /^Download/ }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toContain(",verified,");

  await apply.click();
  await expect(applied).toContainText("1 lot created");
  await expect(applied).toBeFocused();
  await expect(plan).toContainText("None of 1 investment can");
  await applied.getByRole("button", { name: /^Undo/ }).click();
  await applied.getByRole("button", { name: "Undo", exact: true }).click();
  await expect(plan).toContainText("None of 2 investments can");
  const lots = await callApi(page, "GET", `/api/funds/${fund.fundId}/portfolio/lots`);
  expect(lots.body.lots).toEqual([]);
});

test("takes shares of a whole company, lists what is above a threshold", async ({ page }) => {
  await openMigration(page, "Fund of a company-wide count");
  const { plan, table, apply, review, seed } = parts(page);
  await table.getByRole("textbox", { name: /for all rounds$/ }).fill("5000000");
  await expect(table).toContainText("Enter the date they are in force from.");
  await expect(apply).toBeDisabled();
  await table.getByLabel(/^Date from which/).fill("2021-01-01");
  await expect(plan).toContainText("2 of 2 investments become lots");
  await expect(review).toContainText("confirm a count for each");
  const threshold = page.getByRole("textbox", { name: /^Review above/ });
  await threshold.fill("much");
  await expect(plan).toContainText("1 field cannot be read");
  await threshold.fill("1,500,000");
  await expect(plan).toContainText("should be looked at first");
  await expect(apply).toBeEnabled();
  const first = review.locator("tbody tr").first();
  await expect(first).toContainText("$2,000,000.00 is above $1,500,000.00: confirm the terms.");
  await review.getByRole("button", { name: /Seed$/ }).click();
  await expect(seed).toBeFocused();
});

test("takes the terms of an investment itself, share classes and a tolerance", async ({ page }) => {
  const fund = await openMigration(page, "Fund of given terms");
  const { plan, table, apply, applied } = parts(page);
  const section = page.getByRole("region", { name: "Investments without a lot", exact: true });
  await table.getByText("Or its own shares or price").first().click();
  const price = table.getByRole("textbox", { name: /^Price per share of .*Seed/ });
  await price.fill("0");
  await expect(plan).toContainText("1 field cannot be read");
  await price.fill("2.50");
  const row = table.getByRole("row").filter({ hasText: "Seed" });
  await expect(row).toContainText("400,000 shares at $2.50");
  await expect(row).toContainText("manual");

  await section.getByText("Share classes by round").click();
  const shareClass = section.getByRole("textbox", { name: "Share class of Seed" });
  await shareClass.fill("x".repeat(5000));
  // What the server refuses stands at its field, and the fields stay.
  await expect(shareClass).toHaveAttribute("aria-invalid", "true");
  await expect(price).toHaveValue("2.50");
  await expect(apply).toBeDisabled();
  await shareClass.fill("Series Seed");
  await expect(row).toContainText("Initial lot, Series Seed");
  const tolerance = section.getByRole("textbox", { name: /^Tolerance/ });
  await tolerance.fill("120");
  await expect(section).toContainText("Can be at most 100.");
  await tolerance.fill("5");
  await expect(apply).toBeEnabled();

  // All of it is kept, and in view.
  await page.reload();
  await expect(price).toBeVisible();
  await expect(price).toHaveValue("2.50");
  await expect(shareClass).toHaveValue("Series Seed");
  await expect(tolerance).toHaveValue("5");
  await expect(apply).toBeEnabled();
  await apply.click();
  await expect(applied).toContainText("1 lot created");
  const lots = await callApi(page, "GET", `/api/funds/${fund.fundId}/portfolio/lots`);
  expect(lots.body.lots[0]).toMatchObject({
    shareClass: "Series Seed",
    sharesAcquired: "400000",
    pricingConfidence: "manual",
  });
});

test("loses nothing that was typed", async ({ page, context }) => {
  await openMigration(page, "Fund of a migration under faults");
  const { seed, apply, applied, plan } = parts(page);
  await seed.fill("5000000");
  await expect(apply).toBeEnabled();
  await context.setOffline(true);
  await apply.click();
  await expect(plan.getByRole("alert")).toContainText("cannot be reached");
  await context.setOffline(false);
  for (const [status, error] of [
    [401, "unauthenticated"],
    [503, "overloaded"],
  ] as const) {
    await page.route("**/migrations/lots", (route) =>
      route.fulfill({ status, json: { error, message: "No luck", correlationId: "request-1" } }),
    );
    await apply.click();
    await expect(plan.getByRole("alert")).toContainText("request-1");
    await expect(seed).toHaveValue("5000000");
    await page.unrouteAll();
  }
  await page.reload();
  await expect(seed).toHaveValue("5000000");
  await page.route("**/migrations/lots", (route) => route.fulfill(FEATURE_DISABLED));
  await expect(apply).toBeEnabled();
  await apply.click();
  const off = page.getByRole("region", { name: "Migration" });
  await expect(off).toContainText("what you typed is kept");
  await page.unrouteAll();
  await off.getByRole("button", { name: "Try again" }).click();
  await apply.click();
  await expect(applied).toContainText("1 lot created");
});

test("works by keyboard alone", async ({ page }) => {
  await openMigration(page, "Fund of a migration by keyboard");
  const { seed, apply, applied } = parts(page);
  await seed.focus();
  await page.keyboard.type("5000000");
  await expect(apply).toBeEnabled();
  for (let presses = 0; presses < 12; presses += 1) {
    if (await apply.evaluate((button) => button === document.activeElement)) break;
    await page.keyboard.press("Shift+Tab");
  }
  await expect(apply).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(applied).toBeFocused();
});

test("tells who may not, and when nothing is left", async ({ page }) => {
  const fund = await createOwnFund(page, "Fund without legacy investments");
  await page.goto(`${fund.path}/import`);
  await page.getByRole("link", { name: "Legacy investments into lots" }).click();
  await expect(page.getByRole("heading", { name: "Every investment has lots" })).toBeVisible();
  await page.route("**/api/session", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), role: "viewer" } });
  });
  await page.reload();
  await expect(page.getByText("needs the role analyst; yours is viewer")).toBeVisible();
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openMigration(page, `Fund of pictures of a migration, ${colorScheme}`);
    await parts(page).seed.fill("5000000");
    await page.getByRole("textbox", { name: /^Review above/ }).fill("1000");
    await page.getByText("Share classes by round").click();
    await page.getByText("Or its own shares or price").first().click();
    await expect(parts(page).review).toBeVisible();
    await expect(parts(page).apply).toBeEnabled();
    await expectAccessibleAndFitting(page, info);
  });

  test(`is accessible and fits while it is off, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openMigration(page, `Fund of a migration that is off, ${colorScheme}`);
    await turnOffForPage(page);
    await expect(page.getByRole("region", { name: "Migration" })).toBeVisible({ timeout: 15_000 });
    await expectAccessibleAndFitting(page, info);
  });
}
