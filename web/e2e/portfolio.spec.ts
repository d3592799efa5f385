import { readFile } from "node:fs/promises";
import type { Download, Page } from "@playwright/test";
import { LENS_COLUMNS, type Lens } from "../src/lenses/lens";
import { formatCents, formatCentsCompact } from "../src/money/format";
import { callApi, expect, FEATURE, openFund, test } from "./lotwise";

const LENSES = "**/portfolio/lots/moic*";

/** The lenses of the fund that is shown, as the server has them. */
async function report(page: Page) {
  const fund = new URL(page.url()).pathname.split("/").at(-1);
  const answer = await callApi(page, "GET", `/api/funds/${fund}/portfolio/lots/moic`);
  expect(answer.status).toBe(200);
  return answer.body;
}

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

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

test("shows the performance today and at exit as a chart, and the same numbers as text", async ({
  page,
}) => {
  await openFund(page);
  const { fund } = await report(page);
  const figure = page.getByRole("figure", { name: "Performance today and expected at exit" });
  await expect(figure.locator("svg.recharts-surface").first()).toBeVisible();
  const planned = fund.lenses.exit_moic_planned_reserves;
  await expect(figure.getByRole("row", { name: "Planned" })).toContainText(
    new RegExp(
      [planned.denominatorCents, planned.numeratorCents]
        .map((cents) => formatCentsCompact(cents, "USD").replace("$", "\\$"))
        .join(".*"),
    ),
  );
  for (const key of ["current_moic", "exit_moic"]) {
    await expect(figure.getByRole("row", { name: "Total" })).toContainText(
      fund.lenses[key].display,
    );
    await expect(
      figure.locator("svg text").filter({ hasText: fund.lenses[key].display }),
    ).not.toHaveCount(0);
  }
});

test("breaks a company down to its lots, by mouse and by keyboard", async ({ page }) => {
  await openFund(page);
  const { companies } = await report(page);
  const row = page.getByRole("grid").locator("tbody tr").first();
  await row.getByRole("button", { name: /^Lots of/ }).click();
  await expect(page).toHaveURL(/company=\d+/);
  const id = new URL(page.url()).searchParams.get("company");
  const company = companies.find((company: { id: string }) => company.id === id);
  const panel = page.getByRole("dialog");
  const derivations = panel.getByRole("region", { name: "How the lenses come about" });
  for (const { key, name } of LENS_COLUMNS) {
    const lens: Lens = company.lenses[key];
    const line = derivations.getByRole("row", { name: new RegExp(`^${name} (\\d|n/a)`) });
    await expect(line).toContainText(lens.display ?? "n/a");
    await expect(line).toContainText(`÷ ${formatCents(lens.denominatorCents, "USD")}`);
    await expect(line).toContainText(`= ${formatCents(lens.numeratorCents, "USD")}`);
  }
  const lots = panel.getByRole("region", { name: "Lots" });
  await expect(lots.getByRole("rowheader", { name: /^Initial/ })).toBeVisible();
  for (const lot of company.lots) {
    await expect(lots).toContainText(formatCents(lot.current_moic.denominatorCents, "USD"));
    await expect(lots).toContainText(lot.current_moic.display);
  }
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect(page).not.toHaveURL(/company=/);
  await expect(row.getByRole("button", { name: /^Lots of/ })).toBeFocused();

  await page.locator('[data-row="1"][data-column="0"]').focus();
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("heading", { level: 2 })).toBeVisible();
  await page.reload();
  await expect(panel.getByRole("heading", { level: 2 })).toBeVisible();
  await panel.getByRole("button", { name: "Close" }).click();
  await expect(panel).toHaveCount(0);
});

test("says so when the address names a company that the fund does not have", async ({ page }) => {
  await openFund(page, "?company=987654321");
  const panel = page.getByRole("dialog", { name: "No such company" });
  await panel.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
});

test("chooses companies by stage, in the address too", async ({ page }) => {
  await openFund(page);
  const rows = page.getByRole("grid").locator("tbody tr");
  const all = await rows.count();
  const stage = page.getByRole("combobox", { name: "Stage" });
  await expect(stage.getByRole("option")).not.toHaveCount(1);
  const [, first = ""] = await stage.getByRole("option").allTextContents();
  await stage.selectOption(first);
  await expect(page).toHaveURL(/stage=/);
  await expect(page.getByText(new RegExp(`^\\d+ of ${all} companies$`))).toBeVisible();
  expect(await rows.count()).toBeLessThan(all);
  const chosen = await rows.count();
  await page.reload();
  await expect(rows).toHaveCount(chosen);
  await expect(stage).toHaveValue(first);
});

test("goes back to what was known, and forward again", async ({ page }) => {
  await openFund(page);
  const asked = page.waitForResponse(/lots\/moic\?knownAt=2001-01-31T12%3A00%3A00Z/);
  await page.getByLabel("Known at (UTC)").fill("2001-01-31T12:00");
  expect((await asked).status()).toBe(200);
  await expect(page).toHaveURL(/knownAt=2001-01-31T12/);
  // Nothing was recorded yet.
  await expect(page.getByText("0 companies", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Known now" }).click();
  await expect(page).not.toHaveURL(/knownAt/);
  await expect(page.getByRole("grid").locator("tbody tr")).not.toHaveCount(0);
});

test("downloads the table as it is shown, and the portfolio behind it", async ({ page }) => {
  await openFund(page, "?sort=name&direction=descending");
  const names = await page
    .getByRole("grid")
    .locator("tbody")
    .getByRole("rowheader")
    .locator("span > span:first-child")
    .allTextContents();
  const [csv] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV", exact: true }).click(),
  ]);
  expect(csv.suggestedFilename()).toMatch(/^fund-\d+-lenses-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await textOf(csv)).slice(1).trimEnd().split("\r\n");
  expect(lines[0]).toContain("Exit MOIC on planned reserves: cost (USD)");
  expect(lines.slice(1, -1).map((line) => line.split(",")[0])).toEqual(names);
  expect(lines.at(-1)).toMatch(/^Fund total,/);

  const [json] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "JSON" }).click(),
  ]);
  expect(json.suggestedFilename()).toMatch(/^fund-\d+-\d{4}-\d\d-\d\d\.json$/);
  expect(JSON.parse(await textOf(json)).companies).toHaveLength(names.length);

  await page.route("**/export.json*", (route) =>
    route.fulfill({ status: 503, json: { error: "overloaded", message: "Too much at once" } }),
  );
  await page.getByRole("button", { name: "JSON" }).click();
  await expect(page.getByRole("alert")).toContainText("The download failed: Too much at once");
});

test("downloads a workbook, the facts and the lots alone, of the date that is shown", async ({
  page,
}) => {
  await openFund(page, "?asOf=2021-12-31");
  const asked = page.waitForRequest("**/export.xlsx*");
  const [workbook] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "XLSX", exact: true }).click(),
  ]);
  expect(workbook.suggestedFilename()).toMatch(/^fund-\d+-\w+-2021-12-31\.xlsx$/);
  expect((await readFile(await workbook.path())).subarray(0, 2).toString()).toBe("PK");
  expect(new URL((await asked).url()).search).toBe("?asOf=2021-12-31");

  const [facts] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Facts (XLSX)" }).click(),
  ]);
  expect(facts.suggestedFilename()).toMatch(/^fund-\d+-facts-2021-12-31\.xlsx$/);

  const [lots] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Lots (CSV)" }).click(),
  ]);
  expect(lots.suggestedFilename()).toMatch(/^fund-\d+-lots-2021-12-31\.csv$/);
  expect(await textOf(lots)).toMatch(/^\uFEFF?Company ID,Company,/);
});

test("says which calculation is shown and why", async ({ page }) => {
  await openFund(page);
  const { inputsHash, engineVersion } = await report(page);
  const pill = page.getByRole("button", { name: /^Lot-level MOIC/ });
  await expect(pill).toContainText("on for everyone");
  await pill.hover();
  const tooltip = page.getByRole("tooltip");
  await expect(tooltip).toContainText(`engine ${engineVersion}`);
  await expect(tooltip).toContainText(inputsHash.replace("sha256:", "").slice(0, 12));
});

test("takes feedback on the new calculations, with a judgement", async ({ page }) => {
  await openFund(page);
  await page.getByRole("button", { name: "Beta" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Why?").fill("Written by a browser test");
  await dialog.getByRole("button", { name: "Send" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Choose one of the two.");
  await dialog.getByLabel("Useful", { exact: true }).check();
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.getByRole("button", { name: "Give feedback" }).click();
  // What was typed is still there.
  await expect(dialog.getByLabel("Why?")).toHaveValue("Written by a browser test");
  const sent = page.waitForResponse("**/api/feedback");
  await dialog.getByRole("button", { name: "Send" }).click();
  const answer = await sent;
  expect(answer.status()).toBe(201);
  expect(await answer.json()).toMatchObject({ flag: FEATURE, useful: true });
  await expect(dialog).toContainText("Your feedback is recorded");
});

test("has only what is in view of a thousand companies in the document, and reaches all of them", async ({
  page,
}) => {
  await openFund(page);
  const answer = await report(page);
  const companies = Array.from({ length: 1000 }, (_, index) => {
    const company = answer.companies[index % answer.companies.length];
    return { ...company, id: String(100_000 + index) };
  });
  await page.route(LENSES, (route) => route.fulfill({ json: { ...answer, companies } }));
  await page.goto(`${new URL(page.url()).pathname}?sort=name&direction=ascending`);
  const grid = page.getByRole("grid");
  const rows = grid.locator("tbody tr[data-index]");
  await expect(grid).toHaveAttribute("aria-rowcount", "1003");
  expect(await rows.count()).toBeLessThan(80);
  const scroller = page.getByRole("region", { name: "Company by lens, gross" });
  await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await expect(rows.getByText("Company 100500", { exact: true })).toBeVisible();
  await page.locator('[data-row="1000"][data-column="0"]').focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.locator('[data-row="999"][data-column="0"]')).toBeFocused();
  await expect(rows.getByText("Company 100999", { exact: true })).toBeInViewport();
  await page.keyboard.press("Control+Home");
  await expect(rows.first().getByRole("link")).toBeFocused();
  await page.getByRole("button", { name: "Company", exact: true }).click();
  await expect(rows.first()).toContainText("Company 100999");
});
