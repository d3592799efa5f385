import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, test } from "./lotwise";
import { createOwnFund, FEATURE_DISABLED, invest, type OwnFund, turnOffForPage } from "./own-fund";

const SALE = "**/analysis/partial-sale";

function parts(page: Page) {
  const section = page.getByRole("region", { name: "Partial sale", exact: true });
  return {
    section,
    irr: section.getByRole("textbox", { name: /^Return asked for/ }),
    ownership: section.getByRole("textbox", { name: /^Ownership today/ }),
    years: section.getByRole("textbox", { name: /^Exit expected in/ }),
    exitDate: section.getByLabel("Exit expected on"),
    submit: section.getByRole("button", { name: "Work out the valuation" }),
    answer: section.getByRole("status"),
  };
}

/** A company whose exits bring 1,000,000 for certain, in two cases of even chances. */
async function openCompany(page: Page, name: string): Promise<OwnFund> {
  const fund = await createOwnFund(page, name);
  await invest(page, fund);
  const cases = `/api/funds/${fund.fundId}/companies/${fund.companyId}/exit-cases`;
  const exitCases = ["base", "late"].map((id) => ({
    id,
    probability: "1/2",
    exitPricesCents: { Seed: "200" },
  }));
  expect((await callApi(page, "PUT", cases, { exitCases, version: 0 })).status).toBeLessThan(300);
  await page.goto(`${fund.path}/companies/${fund.companyId}`);
  await expect(parts(page).section).toBeVisible();
  return fund;
}

async function fill(page: Page): Promise<void> {
  const { irr, ownership, years } = parts(page);
  await irr.fill("25");
  await ownership.fill("10");
  await years.fill("5");
}

test("values a partial sale and says what the valuation is the ratio of", async ({ page }) => {
  await openCompany(page, "Fund of a partial sale");
  const { submit, answer, section } = parts(page);
  await fill(page);
  await submit.click();
  await expect(answer).toContainText("Minimum valuation $3,276,800.00 = $327,680.00 / 10%");
  await expect(answer).toContainText("at 25% a year and an ownership of 10%");
  const rows = section.getByRole("region", { name: "Minimum valuation, case by case" });
  await expect(rows.locator("tbody tr")).toHaveCount(2);
  await expect(rows.getByRole("row", { name: /^base/ })).toContainText("$1,000,000.00");
  await expect(rows.locator("tfoot")).toContainText("$327,680.00");
  // An answer belongs to its question.
  await parts(page).ownership.fill("20");
  await expect(answer).toBeEmpty();
  await submit.click();
  await expect(answer).toContainText("$1,638,400.00 = $327,680.00 / 20%");
});

test("takes a day for all cases and another for one", async ({ page }) => {
  await openCompany(page, "Fund of exits on two days");
  const { irr, ownership, exitDate, submit, answer, section } = parts(page);
  await irr.fill("25");
  await ownership.fill("10");
  await exitDate.fill("2035-06-30");
  await section.getByLabel(/^late/).fill("2045-06-30");
  await submit.click();
  const rows = answer.locator("tbody tr");
  await expect(rows).toHaveCount(2);
  const today = await rows.locator("td:last-child").allInnerTexts();
  expect(today[0], "what comes later is worth less today").not.toBe(today[1]);
});

test("shows at each field what the server says about it", async ({ page }) => {
  await openCompany(page, "Fund of wrong questions");
  const { irr, ownership, years, exitDate, submit, section } = parts(page);
  await submit.click();
  await expect(section.getByText("Enter a percentage.")).toHaveCount(2);
  await expect(irr).toBeFocused();
  await irr.fill("25");
  await ownership.fill("120");
  await years.fill("5");
  await exitDate.fill("2035-06-30");
  await submit.click();
  await expect(section).toContainText("Stands beside exitDate; give one of the two.");
  await expect(years).toHaveAttribute("aria-invalid", "true");
  await expect(years).toBeFocused();
  await exitDate.fill("");
  await submit.click();
  await expect(section).toContainText("The ownership must be above 0 and at most 1.");
  await expect(ownership).toBeFocused();
  await ownership.fill("10");
  await years.fill("");
  await submit.click();
  await expect(section).toContainText("Say when the exit of the case base is expected.");
  await expect(exitDate).toHaveAttribute("aria-invalid", "true");
});

test("loses nothing that was typed", async ({ page, context }) => {
  await openCompany(page, "Fund of a partial sale under faults");
  const { irr, submit, section, answer } = parts(page);
  await fill(page);
  await context.setOffline(true);
  await submit.click();
  await expect(section.getByRole("alert")).toContainText("cannot be reached");
  await context.setOffline(false);
  await page.route(SALE, (route) =>
    route.fulfill({
      status: 503,
      json: { error: "overloaded", message: "Too busy", correlationId: "request-1" },
    }),
  );
  await submit.click();
  await expect(section.getByRole("alert")).toContainText("what you typed is kept");
  await expect(section.getByRole("alert")).toContainText("request-1");
  await expect(irr).toHaveValue("25");
  await page.unrouteAll();
  await page.route(SALE, (route) => route.fulfill(FEATURE_DISABLED));
  await submit.click();
  await expect(section.getByRole("alert")).toContainText("currently disabled");
  await page.unrouteAll();
  await page.reload();
  await expect(irr).toHaveValue("25");
  await irr.press("Enter");
  await expect(answer).toContainText("$3,276,800.00");
  await section.getByRole("button", { name: "Clear" }).click();
  await page.reload();
  await expect(irr).toHaveValue("");
});

test("keeps what was typed while it is switched off", async ({ page }) => {
  await openCompany(page, "Fund of a partial sale that is off");
  await fill(page);
  await turnOffForPage(page);
  const { section, irr } = parts(page);
  await expect(section).toContainText("What you typed is kept", { timeout: 15_000 });
  await page.unrouteAll();
  await page.reload();
  await expect(irr).toHaveValue("25");
});

test("says what is missing where no exit case is entered", async ({ page }) => {
  const fund = await createOwnFund(page, "Fund without exit cases");
  await invest(page, fund);
  await page.goto(`${fund.path}/companies/${fund.companyId}`);
  await expect(parts(page).section).toContainText("none is entered");
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openCompany(page, `Fund of pictures of a partial sale, ${colorScheme}`);
    await fill(page);
    await parts(page).submit.click();
    await expect(parts(page).answer).toContainText("$3,276,800.00");
    await expectAccessibleAndFitting(page, info);
  });
}
