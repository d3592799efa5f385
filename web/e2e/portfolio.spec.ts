import { LENS_COLUMNS, type Lens } from "../src/lenses/lens";
import { callApi, expect, openFund, test } from "./lotwise";

test("shows the simple MOIC and the seven lenses as the server computed them", async ({ page }) => {
  await openFund(page);
  const fund = new URL(page.url()).pathname.split("/").at(-1);
  const legacy = await callApi(page, "GET", `/api/funds/${fund}/moic`);
  const report = await callApi(page, "GET", `/api/funds/${fund}/portfolio/lots/moic`);
  expect(report.status).toBe(200);

  const card = page.getByRole("region", { name: "Simple MOIC" });
  await expect(card.getByRole("button")).toHaveText(legacy.body.fund.moic.display ?? "n/a");
  await expect(card).toContainText("gross");

  const grid = page.getByRole("grid");
  await expect(grid.locator("tbody tr")).toHaveCount(report.body.companies.length);
  const total = grid.locator("tfoot tr");
  await expect(total).toContainText("Fund total");
  await expect(total).toContainText("ratio of sums");
  for (const [index, { key }] of LENS_COLUMNS.entries()) {
    const lens: Lens = report.body.fund.lenses[key];
    await expect(total.getByRole("gridcell").nth(index)).toHaveText(lens.display ?? /^n\/a/);
  }
});

test("marks the new calculations as beta", async ({ page }) => {
  await openFund(page);
  await page.getByRole("button", { name: "Beta" }).hover();
  await expect(page.getByRole("tooltip")).toHaveText(
    "You're using the new lot-level MOIC calculations",
  );
});

test("explains a number by its numerator and denominator, and n/a by its reason", async ({
  page,
}) => {
  await openFund(page);
  const body = page.getByRole("grid").locator("tbody");
  await body.getByRole("gridcell").filter({ hasText: /^\d/ }).first().hover();
  const tooltip = page.getByRole("tooltip");
  await expect(tooltip).toContainText(/gross.*Value.*\$[\d,]+\.\d\d.*Cost.*\$[\d,]+\.\d\d/);
  await body.getByRole("gridcell").filter({ hasText: "n/a" }).first().hover();
  await expect(tooltip).toContainText(/[a-z]\.($|Value|Cost)/);
});

test("sorts by any lens with n/a last both ways, and keeps the order in the address", async ({
  page,
}) => {
  await openFund(page);
  const lens = "Exit MOIC on planned reserves";
  const column = page.getByRole("grid").locator('tbody [data-column="6"]');
  for (const direction of ["descending", "ascending"] as const) {
    await page.getByRole("button", { name: lens, exact: true }).click();
    await expect(page).toHaveURL(new RegExp(`direction=${direction}`));
    const shown = await column.allInnerTexts();
    const numbers = shown.filter((text) => !text.startsWith("n/a")).map(Number.parseFloat);
    const sorted = numbers.toSorted((a, b) => (direction === "ascending" ? a - b : b - a));
    expect(shown.slice(0, numbers.length).map(Number.parseFloat)).toEqual(sorted);
    expect(numbers.length).toBeGreaterThan(2);
  }
  const before = await column.allInnerTexts();
  await page.reload();
  await expect(page.getByRole("grid")).toBeVisible();
  expect(await column.allInnerTexts()).toEqual(before);
});

test("shows sectors, and the companies of one", async ({ page }) => {
  await openFund(page);
  const rows = page.getByRole("grid").locator("tbody tr");
  const all = await rows.count();
  await page.getByText("Sectors", { exact: true }).click();
  await expect(page).toHaveURL(/by=sector/);
  await expect(rows.first()).toContainText(/compan(y|ies)/);
  const sector = await rows
    .first()
    .getByRole("rowheader")
    .locator("span > span")
    .first()
    .textContent();
  await page.getByText("Companies", { exact: true }).click();
  await page.getByRole("combobox", { name: "Sector" }).selectOption(sector ?? "");
  await expect(rows.first()).toContainText(sector ?? "");
  expect(await rows.count()).toBeLessThan(all);
});

test("goes back to an earlier date", async ({ page }) => {
  await openFund(page);
  const asked = page.waitForResponse(/lots\/moic\?asOf=2020-06-30/);
  await page.getByLabel("As of").fill("2020-06-30");
  expect((await asked).status()).toBe(200);
  await expect(page.getByRole("region", { name: "Seven lenses" })).toContainText("Jun 30, 2020");
});

test("can be read with the keyboard alone", async ({ page }) => {
  await openFund(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.getByRole("button", { name: "Exit MOIC on planned reserves" }).focus();
  await page.keyboard.press("Tab");
  await expect(page.locator('[data-row="0"][data-column="0"]')).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await expect(page.locator('[data-row="1"][data-column="6"]')).toBeFocused();
  const tooltip = page.getByRole("tooltip").filter({ hasText: /planned reserves, gross/ });
  await expect(tooltip).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tooltip")).toHaveCount(0);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("grid").locator(":focus")).toHaveCount(0);
});
