import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { expect, test } from "./lotwise";
import { createOwnFund, invest, turnOffForPage } from "./own-fund";

async function openFundTable(page: Page, name: string) {
  const fund = await createOwnFund(page, name);
  await invest(page, fund);
  await page.goto(`${fund.path}/analysis`);
  const table = page.getByRole("region", { name: "Fund table, gross" });
  await expect(table).toBeVisible();
  return { ...fund, table };
}

test("has the fund's sums on top, and explains each difference", async ({ page }) => {
  const { table } = await openFundTable(page, "Fund of a fund table");
  await expect(table.getByRole("row").nth(1)).toContainText("Fund (sums, gross)$1,000,000.00");
  const row = table.getByRole("row").filter({ hasText: "Testing Grounds" });
  await expect(row).toContainText("$1,500,000.00");
  await expect(row).toContainText("1.50x");
  const difference = row.getByRole("button", { name: /^Difference of Testing Grounds/ });
  await difference.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Difference of Testing Grounds" });
  await expect(panel).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect(difference).toBeFocused();
});

test("is sorted, dated and downloaded", async ({ page }) => {
  const { table } = await openFundTable(page, "Fund of a sorted fund table");
  await table.getByRole("button", { name: "Invested" }).press("Enter");
  await expect(page).toHaveURL(/sort=invested/);
  await expect(table.getByRole("columnheader", { name: "Invested" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download the table (CSV)" }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toContain("Testing Grounds,1000000.00");
  await page.getByLabel("As of").fill("2022-03-31");
  await expect(page).toHaveURL(/asOf=2022-03-31/);
  await expect(page.getByText("as of Mar 31, 2022")).toBeVisible();
});

test("is in the navigation only with the feature", async ({ page }) => {
  await openFundTable(page, "Fund of a hidden fund table");
  const link = page.getByRole("navigation").getByRole("link", { name: "Fund table" });
  await expect(link).toHaveAttribute("aria-current", "page");
  await turnOffForPage(page);
  await expect(link).toHaveCount(0, { timeout: 15_000 });
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openFundTable(page, `Fund of pictures of a fund table, ${colorScheme}`);
    await expectAccessibleAndFitting(page, info);
  });
}
