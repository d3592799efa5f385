import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, openFund, test } from "./lotwise";
import { FEATURE_DISABLED } from "./own-fund";

/** The first company of the table, opened by its link. */
async function openCompany(page: Page): Promise<{ fundId: string; companyId: string }> {
  await openFund(page);
  await page.getByRole("grid").locator("tbody").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/companies\/\d+/);
  await expect(page.getByRole("region", { name: "Lots and their terms" })).toBeVisible();
  const [, , fundId = "", , companyId = ""] = new URL(page.url()).pathname.split("/");
  return { fundId, companyId };
}

test("opens from the portfolio and shows lots, marks, time line and exit cases", async ({
  page,
}) => {
  const { fundId, companyId } = await openCompany(page);
  const lots = await callApi(
    page,
    "GET",
    `/api/funds/${fundId}/portfolio/lots?companyId=${companyId}`,
  );
  const rows = page.getByRole("region", { name: "Lots and their terms" }).locator("tbody tr");
  await expect(rows).toHaveCount(lots.body.lots.length);
  await expect(rows.first()).toContainText(/\$[\d,]+\.\d\d/);
  await expect(page.getByRole("region", { name: "Time line" })).toContainText("Purchase");
  await expect(page.getByRole("region", { name: "Exit cases side by side" })).toContainText(
    /probability/,
  );
});

test("each number opens its derivation down to the lots, and the address keeps it", async ({
  page,
}) => {
  const { fundId, companyId } = await openCompany(page);
  const report = await callApi(page, "GET", `/api/funds/${fundId}/portfolio/lots/moic`);
  const company = report.body.companies.find(({ id }: { id: string }) => id === companyId);
  const lens = company.lenses.exit_moic;
  const card = page.getByRole("region", { name: "Seven lenses" });
  await card
    .getByRole("button", { name: new RegExp(`^Total.*${lens.display}`) })
    .last()
    .click();
  await expect(page).toHaveURL(/lens=exit_moic/);
  const derivation = page.locator("#lens-derivation");
  await expect(derivation).toContainText(/Exit MOIC \d+\.\d\dx = \$[\d,]+\.\d\d \/ \$[\d,]+\.\d\d/);
  await expect(derivation.locator("tbody tr")).toHaveCount(
    company.lots.length + company.plannedReserves.length,
  );
  await page.reload();
  await expect(derivation).toBeVisible();
});

test("the rows of every derivation add up to the company's own figures", async ({ page }) => {
  const { fundId, companyId } = await openCompany(page);
  await expect(page.getByRole("region", { name: "Seven lenses" })).toBeVisible();
  const keys = ["current_moic_initial", "current_moic_deployed_reserves", "exit_moic_follow_ons"];
  for (const key of keys) {
    await page.goto(`/funds/${fundId}/companies/${companyId}?lens=${key}`);
    const derivation = page.locator("#lens-derivation");
    await expect(derivation).toBeVisible();
    if ((await derivation.locator("tbody tr").count()) === 0) continue;
    for (const column of [0, 1]) {
      const cents = async (rows: string) =>
        (await derivation.locator(`${rows} tr`).all()).reduce(async (sum, row) => {
          const text = (await row.locator("td").nth(column).innerText()).replace(/[$,.]/g, "");
          return (await sum) + BigInt(text);
        }, Promise.resolve(0n));
      const difference = (await cents("tbody")) - (await cents("tfoot"));
      // Each row is rounded to the cent by itself.
      expect(difference >= -3n && difference <= 3n, `${key}: ${difference}`).toBe(true);
    }
  }
});

test("a company's name is reached by arrow keys and opened by Enter", async ({ page }) => {
  await openFund(page);
  await page.locator('[data-row="0"][data-column="0"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowLeft");
  const name = page.getByRole("grid").locator("tbody tr").nth(1).getByRole("link");
  await expect(name).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/companies\/\d+/);
});

test("shows the simple MOIC and the lots while the lenses are off", async ({ page }) => {
  await page.route("**/portfolio/lots/moic*", (route) => route.fulfill(FEATURE_DISABLED));
  await page.goto("/");
  await page.getByRole("link", { name: "Arcadia Learning" }).click();
  const off = page.getByRole("region", { name: "Seven lenses" });
  await expect(off).toContainText("The lot-level MOIC feature is currently disabled.");
  await expect(off).toContainText(/\d+\.\d\dx = \$/);
  await expect(
    page.getByRole("region", { name: "Lots and their terms" }).locator("tbody tr"),
  ).not.toHaveCount(0);
});

test("a company that is not there says so", async ({ page }) => {
  await page.goto("/funds/1/companies/987654321");
  await expect(page.getByRole("alert")).toContainText("This company could not be loaded");
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openCompany(page);
    const card = page.getByRole("region", { name: "Seven lenses" });
    await card
      .getByRole("button", { name: /^Total/ })
      .last()
      .click();
    await expect(page.locator("#lens-derivation")).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });
}
