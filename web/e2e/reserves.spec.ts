import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, test } from "./lotwise";
import { createOwnFund, FEATURE_DISABLED } from "./own-fund";

const PLANNED = "exit_moic_planned_reserves";
const PAGE = "/funds/1/reserves";

test("ranks companies by exit MOIC on planned reserves, as the server computed it", async ({
  page,
}) => {
  await page.goto(PAGE);
  const table = page.getByRole("region", { name: "Ranking of planned reserves, gross" });
  await expect(table).toBeVisible();
  const report = await callApi(page, "GET", "/api/funds/1/portfolio/lots/moic");
  const lenses = report.body.companies.map(
    ({ lenses }: { lenses: Record<string, { display: string | null }> }) => lenses[PLANNED],
  );
  await expect(table.locator("tbody tr")).toHaveCount(lenses.length);
  const shown = await table.locator("tbody tr td:nth-child(3)").allInnerTexts();
  const numbers = shown.filter((text) => !text.startsWith("n/a")).map(Number.parseFloat);
  expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
  expect(numbers.length).toBeGreaterThan(2);
  // What has no multiple comes last and has no rank.
  expect(shown.slice(numbers.length).every((text) => text.startsWith("n/a"))).toBe(true);
  await expect(table.locator("tbody tr").last().locator("td").first()).toHaveText("–");
  await expect(page.getByRole("img", { name: /planned reserves/ })).toBeVisible();
  await expect(table.locator("tfoot")).toContainText(report.body.fund.lenses[PLANNED].display);
});

test("a multiple says what it is the ratio of", async ({ page }) => {
  await page.goto(PAGE);
  const table = page.getByRole("region", { name: "Ranking of planned reserves, gross" });
  await table.locator("tbody tr").first().getByRole("button").first().focus();
  await expect(page.getByRole("tooltip")).toContainText(/planned reserves, gross.*Value.*Cost/);
});

test("order and sector are in the address, and ranks stay those of the fund", async ({ page }) => {
  await page.goto(PAGE);
  const table = page.getByRole("region", { name: "Ranking of planned reserves, gross" });
  await page.getByRole("combobox", { name: "Order" }).selectOption("cost");
  await expect(page).toHaveURL(/sort=cost/);
  const sector = page.getByRole("combobox", { name: "Sector" });
  await sector.selectOption({ index: 1 });
  await expect(page).toHaveURL(/sector=/);
  const before = await table.locator("tbody").innerText();
  await page.reload();
  await expect(table).toBeVisible();
  expect(await table.locator("tbody").innerText()).toBe(before);
  await expect(table.locator("tfoot")).toHaveCount(0);
});

test("sliders ask the server what would be, and nothing is saved", async ({ page }) => {
  const asked: unknown[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") asked.push(request.postDataJSON());
  });
  await page.goto(PAGE);
  const panel = page.getByRole("region", { name: "What if", exact: true });
  const best = await page
    .getByRole("region", { name: "Ranking of planned reserves, gross" })
    .locator("tbody tr")
    .first()
    .getByRole("link")
    .innerText();
  await panel.getByRole("combobox", { name: "For" }).selectOption({ label: best });
  const slider = panel.getByRole("slider", { name: "Exit prices" });
  await slider.focus();
  for (let step = 0; step < 18; step += 1) await slider.press("ArrowLeft");
  await expect(slider).toHaveAttribute("aria-valuetext", "10 %");
  const table = page.getByRole("region", { name: "What if: before and after, gross" });
  const row = table.getByRole("row", { name: best });
  await expect(row).toContainText("→");
  await expect(panel.getByText(/What if: nothing is saved/)).toBeVisible();
  await expect(table.getByRole("row", { name: "Fund, planned reserves" })).toContainText("→");
  expect(asked.length, "asked once the hand rests, not at every step").toBeLessThan(6);

  // The sliders are in the address.
  const shown = await table.innerText();
  await page.reload();
  await expect(row).toContainText("→");
  expect(await table.innerText()).toBe(shown);

  await panel.getByRole("button", { name: "Reset to the plan" }).click();
  await expect(table).toHaveCount(0);
  await expect(page).not.toHaveURL(/whatIf/);
});

test("what if of everybody keeps each multiple and changes the amounts", async ({ page }) => {
  await page.goto(`${PAGE}?whatIf=${encodeURIComponent(JSON.stringify({ all: { amount: 200 } }))}`);
  const table = page.getByRole("region", { name: "What if: before and after, gross" });
  const fund = table.getByRole("row", { name: "Fund, planned reserves" });
  await expect(fund).toContainText("→");
  await expect(fund.locator("td").nth(1)).not.toContainText("→");
  await page.getByRole("button", { name: "Planned amounts as planned" }).click();
  await expect(table).toHaveCount(0);
});

test("what if of everybody is not asked of more companies than the server takes", async ({
  page,
}) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") asked.push(new URL(request.url()).pathname);
  });
  await page.route("**/reserves/ranking*", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const [best] = answer.companies;
    const companies = Array.from({ length: 1001 }, (_, index) => ({
      ...best,
      companyId: index + 1,
      name: `Company ${index + 1}`,
    }));
    await route.fulfill({ response, json: { ...answer, companies } });
  });
  await page.goto(`${PAGE}?whatIf=${encodeURIComponent(JSON.stringify({ all: { amount: 200 } }))}`);
  const section = page.getByRole("region", { name: "What if", exact: true });
  // A thousand rows take a busy machine a while.
  const excess = section.getByText("at most 1,000 are computed at once");
  await expect(excess).toBeVisible({ timeout: 20_000 });
  await section.getByRole("button", { name: "Reset to the plan" }).click();
  await expect(excess).toHaveCount(0);
  await expect(section.getByRole("option", { name: /^All companies/ })).toBeDisabled();
  expect(asked.filter((path) => path.endsWith("/ranking"))).toEqual([]);
});

test("a fund without planned reserves says what would make a ranking", async ({ page }) => {
  const { path } = await createOwnFund(page, "Fund without reserves");
  await page.goto(`${path}/reserves`);
  await expect(page.getByRole("heading", { name: "No reserves planned" })).toBeVisible();
});

test("says that it is switched off, and leads to what there is", async ({ page }) => {
  for (const guarded of ["**/reserves/ranking*", "**/portfolio/lots/moic*"]) {
    await page.route(guarded, (route) => route.fulfill(FEATURE_DISABLED));
  }
  await page.goto(PAGE);
  const off = page.getByRole("region", { name: "Reserves ranking" });
  await expect(off).toContainText("The lot-level MOIC feature is currently disabled.");
  await off.getByRole("link").click();
  await expect(page.getByRole("region", { name: "Simple MOIC by company, gross" })).toBeVisible();
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${PAGE}?whatIf=${encodeURIComponent(JSON.stringify({ all: { exit: 50 } }))}`);
    await expect(page.getByRole("img", { name: /planned reserves/ })).toBeVisible({
      timeout: 15_000,
    });
    await expect(page.getByText(/What if: nothing is saved/)).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });
}
