import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, openFund, test } from "./lotwise";
import { createOwnFund, FEATURE_DISABLED, type OwnFund, turnOffForPage } from "./own-fund";

const HELP = "Required for 7-lens MOIC calculations";

function fields(page: Page) {
  return {
    company: page.getByRole("combobox", { name: "Company" }),
    round: page.getByRole("textbox", { name: "Round" }),
    date: page.getByLabel("Date"),
    amount: page.getByRole("textbox", { name: "Amount, USD" }),
    price: page.getByRole("textbox", { name: "Share price per share, USD" }),
    shares: page.getByRole("textbox", { name: "Shares acquired" }),
    submit: page.getByRole("button", { name: "Record investment" }),
  };
}

async function openForm(page: Page, name: string): Promise<OwnFund> {
  const fund = await createOwnFund(page, name);
  await page.goto(`${fund.path}/investments/new`);
  await expect(fields(page).amount).toBeVisible();
  return fund;
}

async function fillIn(page: Page, { companyId }: OwnFund): Promise<void> {
  const form = fields(page);
  await form.company.selectOption(String(companyId));
  await form.round.fill("Series A");
  await form.date.fill("2024-03-01");
  await form.amount.fill("1,500,000");
}

test("is reached from the fund", async ({ page }) => {
  await openFund(page);
  await page.getByRole("link", { name: "New investment" }).click();
  await expect(page.getByRole("heading", { name: "New investment" })).toBeVisible();
  await expect(page.getByText(HELP, { exact: true })).toBeVisible();
});

test("any two of amount, price and shares give the third, exactly", async ({ page }) => {
  await openForm(page, "Fund of the arithmetic");
  const { amount, price, shares } = fields(page);
  await amount.fill("1,500,000");
  await price.fill("2.89498");
  await expect(shares).toHaveValue("518,138.29456507");
  await amount.fill("");
  await amount.blur();
  await expect(amount).toHaveValue("");
  await shares.fill("518,138.294565");
  await expect(amount).toHaveValue("1,500,000.00");
  await price.fill("");
  await expect(price).toHaveValue("");
  await amount.fill("1500000");
  await expect(price).toHaveValue("2.89498");
  await price.fill("2.9100");
  await expect(page.getByRole("status").filter({ hasText: "Shares × share price" })).toContainText(
    "1,507,782.44",
  );
});

test("records an investment with its lot and shows it at its company", async ({ page }) => {
  const fund = await openForm(page, "Fund of one investment");
  await fillIn(page, fund);
  await fields(page).price.fill("2.50");
  await fields(page).submit.click();
  await expect(page).toHaveURL(new RegExp(`/companies/${fund.companyId}$`));
  await expect(page.getByRole("region", { name: "Lots and their terms" })).toContainText("600,000");
  const lots = await callApi(page, "GET", `/api/funds/${fund.fundId}/portfolio/lots`);
  expect(lots.body.lots).toHaveLength(1);
  expect(lots.body.lots[0]).toMatchObject({
    lotType: "initial",
    sharesAcquired: "600000",
    sharePriceCents: "250",
    costBasisCents: "150000000",
  });
  await page.goto(`${fund.path}/investments/new`);
  await expect(fields(page).round).toHaveValue("");
});

test("checks before anything is sent, at the fields", async ({ page }) => {
  const fund = await openForm(page, "Fund of mistakes");
  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request.url());
  });
  await fields(page).submit.click();
  await expect(fields(page).company).toBeFocused();
  for (const problem of ["Choose a company.", "Enter the amount.", "Enter the share price"]) {
    await expect(page.getByText(problem)).toBeVisible();
  }
  await fillIn(page, fund);
  await fields(page).amount.fill("1,5");
  await fields(page).price.fill("0");
  await fields(page).submit.click();
  await expect(page.getByText("Must be a number such as 1,250,000.50.")).toBeVisible();
  await expect(page.getByText("Must be above 0.")).toBeVisible();
  expect(posts.filter((url) => url.includes("/api/funds"))).toEqual([]);
});

test("puts what the server finds at its field", async ({ page }) => {
  const fund = await openForm(page, "Fund of a refusal");
  await fillIn(page, fund);
  await fields(page).round.fill("x".repeat(201));
  await fields(page).price.fill("2.50");
  await fields(page).submit.click();
  await expect(page.getByText("Must have at most 200 characters.")).toBeVisible();
  await expect(fields(page).round).toBeFocused();
  await expect(fields(page).amount).toHaveValue("1,500,000");
});

test("keeps what is typed over a reload", async ({ page }) => {
  const fund = await openForm(page, "Fund of a reload");
  await fillIn(page, fund);
  await fields(page).price.fill("2.50");
  await page.reload();
  await expect(fields(page).round).toHaveValue("Series A");
  await expect(fields(page).price).toHaveValue("2.50");
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(fields(page).round).toHaveValue("");
});

test("a 503 keeps what was typed and says what is recorded; the lot follows later", async ({
  page,
}) => {
  const fund = await openForm(page, "Fund of a 503");
  await page.route("**/portfolio/lots", (route) =>
    route.request().method() === "POST" ? route.fulfill(FEATURE_DISABLED) : route.continue(),
  );
  await fillIn(page, fund);
  await fields(page).price.fill("2.50");
  await fields(page).submit.click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The lot-level MOIC feature is currently disabled.");
  await expect(alert).toContainText("recorded and counts in the simple MOIC");
  await expect(fields(page).price).toHaveValue("2.50");
  await page.reload();
  await expect(fields(page).price).toHaveValue("2.50");
  await page.unroute("**/portfolio/lots");
  await page.getByRole("button", { name: "Record the lot" }).click();
  await expect(page).toHaveURL(/\/companies\/\d+$/);
  const investments = await callApi(page, "GET", `/api/funds/${fund.fundId}/investments`);
  expect(investments.body.investments).toHaveLength(1);
  const lots = await callApi(page, "GET", `/api/funds/${fund.fundId}/portfolio/lots`);
  expect(lots.body.lots).toHaveLength(1);
});

test("a kill while it is typed records nothing with a lot and offers the legacy form", async ({
  page,
}) => {
  const fund = await openForm(page, "Fund of a kill");
  await fillIn(page, fund);
  await fields(page).price.fill("2.50");
  await turnOffForPage(page);
  await fields(page).submit.click();
  const notice = page.getByRole("status").filter({ hasText: "legacy form" });
  await expect(notice).toContainText("The price and shares you typed are kept.");
  await expect(fields(page).price).toHaveCount(0);
  await expect(fields(page).amount).toHaveValue("1,500,000");
  const before = await callApi(page, "GET", `/api/funds/${fund.fundId}/investments`);
  expect(before.body.investments).toEqual([]);
  await fields(page).submit.click();
  await expect(page).toHaveURL(/\/companies\/\d+$/);
  const after = await callApi(page, "GET", `/api/funds/${fund.fundId}/investments`);
  expect(after.body.investments).toHaveLength(1);
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/funds/1/investments/new");
    await fields(page).amount.fill("1,000,000");
    await fields(page).price.fill("2.0000");
    await fields(page).shares.fill("498,000");
    await fields(page).submit.click();
    await expect(page.getByText("Choose a company.")).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });
}
