import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, openFund, test } from "./lotwise";
import { createEmptyFund, FEATURE_DISABLED, mark, type OwnFund, turnOffForPage } from "./own-fund";

type Fund = Omit<OwnFund, "companyId">;

const HEADER = "Company,Sector,Lot type,Purchase date,Shares,Cost,Share class";
const GOOD = [
  HEADER,
  'Acme Robotics,Robotics,initial,2021-04-03,500000,"1,000,000.00",Seed',
  'Acme Robotics,Robotics,follow-on,2022-06-05,100000,"500,000.00",Series A',
  'Borealis Bio,Health,initial,2022-03-02,300000,"750,000.00",Seed',
].join("\n");
const BAD = GOOD.replace("300000", "many").replace("2022-06-05", "soon");
/** Neither the order of its dates nor the types of its lots are said. */
const UNCLEAR = [
  "Portfolio Company,Investment Date,Amount Invested ($),# Shares,Share class,Board seat",
  'Acme Robotics,03/04/2021,"1,000,000.00",500000,Seed,yes',
  'Acme Robotics,05/06/2022,"500,000.00",100000,Series A,no',
].join("\n");

function parts(page: Page) {
  const file = page.getByRole("region", { name: "File", exact: true });
  return {
    input: page.getByLabel(/^Choose a(nother)? file$/),
    file,
    apply: file.getByRole("button", { name: "Apply" }),
    problems: page.getByRole("region", { name: "Problems" }),
    changes: page.getByRole("region", { name: "Records that would change" }),
    questions: page.getByRole("form", { name: "Questions" }),
    mapping: page.getByRole("form", { name: "Sheets and columns" }),
    earlier: page.getByRole("region", { name: "Imports of this fund" }),
    applied: page.getByRole("status").filter({ hasText: "is applied" }),
  };
}

async function openImport(page: Page, name: string): Promise<Fund> {
  const fund = await createEmptyFund(page, name);
  await page.goto(`${fund.path}/import`);
  await expect(parts(page).input).toBeAttached();
  return fund;
}

async function choose(page: Page, text: string, name = "lots.csv"): Promise<void> {
  const file = { name, mimeType: "application/octet-stream", buffer: Buffer.from(text) };
  await parts(page).input.setInputFiles(file);
}

async function companiesOf(page: Page, { fundId }: Fund): Promise<string[]> {
  const answer = await callApi(page, "GET", `/api/funds/${fundId}/companies`);
  return answer.body.companies.map(({ name }: { name: string }) => name);
}

test("is reached from the portfolio, from the navigation, and from an empty fund", async ({
  page,
}) => {
  await openFund(page);
  await page.getByRole("link", { name: "Import a file" }).click();
  await expect(page.getByRole("heading", { name: "Import", level: 1 })).toBeVisible();
  const fund = await createEmptyFund(page, "Fund without companies");
  await page.goto(fund.path);
  await page.getByRole("link", { name: "Or import a spreadsheet with them" }).click();
  await expect(page).toHaveURL(new RegExp(`${fund.path}/import$`));
  const pages = page.getByRole("navigation", { name: "Pages" });
  await expect(pages.getByRole("link", { name: "Import" })).toHaveAttribute("aria-current", "page");
});

test("shows every problem at its row, and writes nothing", async ({ page }) => {
  const fund = await openImport(page, "Fund of a file with problems");
  await choose(page, BAD);
  const { file, apply, problems } = parts(page);
  await expect(file).toContainText("Nothing is written until you press Apply.");
  await expect(file).toContainText(/\d problems stand in the way\./);
  await expect(apply).toBeDisabled();
  const row = (text: string) => problems.getByRole("row").filter({ hasText: text }).first();
  await expect(row("soon").getByRole("cell")).toHaveText(["3", "Purchase date", "soon", /date/]);
  await expect(row("many").getByRole("cell")).toHaveText(["4", "Shares", "many", /is no number/]);
  expect(await companiesOf(page, fund)).toEqual([]);

  await choose(page, GOOD);
  await expect(file).toContainText("2 companies and 3 lots will be created.");
  await expect(problems).toHaveCount(0);
  await expect(apply).toBeEnabled();
});

test("asks what the file leaves open, remembers an answer, and applies", async ({ page }) => {
  const fund = await openImport(page, "Fund of questions");
  const { file, apply, questions, applied } = parts(page);
  await choose(page, UNCLEAR);
  await expect(questions).toContainText("Which comes first in dates such as this one?");
  await expect(questions).toContainText("03/04/2021 (row 2, Investment Date)");
  await expect(apply).toBeDisabled();
  await questions.getByRole("button", { name: "Check with these answers" }).click();
  await expect(questions.getByRole("alert")).toHaveText("Answer a question first.");
  await questions.getByRole("radio", { name: "The day" }).check();
  await questions.getByRole("checkbox", { name: /Remember.*dates/ }).check();
  await questions.getByRole("button", { name: "Check with these answers" }).click();
  await expect(file).toContainText(/1 open question stands? in the way/);
  await expect(questions.getByRole("radio", { name: "The day" })).toBeChecked();
  await questions.getByRole("radio", { name: /^The purchases on the first date/ }).check();
  await questions.getByRole("button", { name: "Check with these answers" }).click();
  await expect(file).toContainText("1 company and 2 lots will be created.");
  await expect(parts(page).changes).toContainText("Lot 2021-04-03 Seed");
  await apply.click();
  await expect(applied).toContainText("1 company and 2 lots created.");

  const mapping = await callApi(page, "GET", `/api/funds/${fund.fundId}/import-mapping`);
  expect(mapping.body.answers).toEqual({ dateOrder: "day_first" });
  await choose(page, UNCLEAR, "once more.csv");
  await expect(questions).toBeVisible();
  await expect(questions).not.toContainText("Which comes first in dates");
  await page.getByText("How the sheets and columns are understood").click();
  await page.getByRole("button", { name: "Forget the answer: First in dates" }).click();
  await expect(questions).toContainText("Which comes first in dates");
});

test("applies, shows the companies in the portfolio, and takes it back", async ({ page }) => {
  const fund = await openImport(page, "Fund of an import and its undoing");
  const { file, apply, applied, earlier } = parts(page);
  await choose(page, GOOD);
  await apply.click();
  await expect(applied).toContainText("2 companies and 3 lots created.");
  await expect(applied).toBeFocused();
  await applied.getByRole("link", { name: "Open the portfolio" }).click();
  await expect(page.getByRole("grid")).toContainText("Borealis Bio");
  await page.goBack();

  await choose(page, GOOD, "the same.csv");
  await expect(file).toContainText("Nothing changes: 2 companies and 3 lots are there already.");
  await expect(file).toContainText("There is nothing to apply");
  await expect(apply).toBeDisabled();

  await expect(earlier.getByRole("row").filter({ hasText: "lots.csv" })).toContainText("just now");
  await earlier.getByRole("button", { name: "Undo the import of lots.csv" }).click();
  const question = page.getByRole("group", { name: "Take everything back that it wrote?" });
  await question.getByRole("button", { name: "Undo" }).click();
  await expect(earlier).toContainText("undone just now");
  // What it would do now is another thing, and the page has noticed.
  await expect(file).toContainText("2 companies and 3 lots will be created.");
  expect(await companiesOf(page, fund)).toEqual([]);
  await page.goto(fund.path);
  await expect(page.getByRole("heading", { name: "No companies in this fund yet" })).toBeVisible();
});

test("shows corrections before and after", async ({ page }) => {
  await openImport(page, "Fund of corrections");
  const { file, apply, applied, changes } = parts(page);
  await choose(page, GOOD);
  await apply.click();
  await expect(applied).toBeVisible();
  await choose(page, GOOD.replaceAll("Robotics,Robotics", "Robotics,Hardware"));
  await expect(file).toContainText("1 company will be corrected");
  const row = changes.getByRole("row").filter({ hasText: "Hardware" });
  await expect(row.locator("del")).toHaveText("Robotics");
  await expect(row.locator("ins")).toHaveText("Hardware");
});

test("names what keeps an import from being taken back", async ({ page }) => {
  const fund = await openImport(page, "Fund of later work");
  const { apply, applied, earlier } = parts(page);
  await choose(page, GOOD);
  await apply.click();
  await expect(applied).toBeVisible();
  const companies = await callApi(page, "GET", `/api/funds/${fund.fundId}/companies`);
  await mark(page, { ...fund, companyId: companies.body.companies[0].id }, "2023-06-30", "450");
  await applied.getByRole("button", { name: "Undo the import of lots.csv" }).click();
  await applied.getByRole("button", { name: "Undo", exact: true }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("What was recorded since stands in the way.");
  await expect(alert.getByRole("listitem")).toContainText("after the import");
  await expect(earlier).not.toContainText("undone");
});

test("maps a column once for all files of the fund", async ({ page }) => {
  const fund = await openImport(page, "Fund of its own headers");
  const { file, mapping } = parts(page);
  const own = GOOD.replace("Company,", "Beteiligung,");
  await choose(page, own);
  await expect(file).toContainText("in the way");
  if (!(await mapping.isVisible())) {
    await page.getByText("How the sheets and columns are understood").click();
  }
  await mapping.getByLabel("It is about").selectOption({ label: "Lots" });
  await mapping.getByLabel("Meaning of Cost").selectOption({ label: "Shares" });
  await mapping.getByLabel("Meaning of Shares").selectOption({ label: "Shares" });
  await expect(mapping.getByRole("alert")).toContainText("Shares and Cost are to mean the same");
  await mapping.getByRole("button", { name: "Discard" }).click();
  await mapping.getByLabel("It is about").selectOption({ label: "Lots" });
  await mapping.getByLabel("Meaning of Beteiligung").selectOption({ label: "Company" });

  // Somebody else is quicker.
  const path = `/api/funds/${fund.fundId}/import-mapping`;
  const theirs = { sheets: { Notes: "ignore" }, columns: {}, answers: {}, version: 0 };
  expect((await callApi(page, "PUT", path, theirs)).status).toBe(200);
  const save = mapping.getByRole("button", { name: "Save for this fund and check again" });
  await save.click();
  await expect(page.getByRole("alert")).toContainText("Somebody else has saved another mapping");
  await expect(mapping.getByLabel("Meaning of Beteiligung")).toHaveValue("company");
  await save.click();
  await expect(file).toContainText("2 companies and 3 lots will be created.");
  const saved = await callApi(page, "GET", path);
  expect(saved.body.sheets).toEqual({ "": "lots", Notes: "ignore" });
  expect(saved.body.columns).toEqual({ "": { Beteiligung: "company" } });
});

test("hands out the template, which says what it lacks when it comes back empty", async ({
  page,
}) => {
  await openImport(page, "Fund of a template");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the template (XLSX)" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("lotwise-import-template.xlsx");
  const buffer = await readFile(await download.path());
  expect(buffer.subarray(0, 2).toString()).toBe("PK");
  await parts(page).input.setInputFiles({ name: "template.xlsx", mimeType: "", buffer });
  await expect(parts(page).file).toContainText("XLSX");
  await expect(parts(page).apply).toBeDisabled();
  await expect(page.getByText("How the sheets and columns are understood")).toBeVisible();
});

test("tells a file that is none, and one that is too large", async ({ page }) => {
  await openImport(page, "Fund of no file");
  const { input, apply } = parts(page);
  const alert = page.getByRole("alert");
  await choose(page, "PK\u0003\u0004 no archive", "broken.xlsx");
  await expect(alert).toContainText("The file could not be read");
  await expect(alert).toContainText(/ZIP|archive/);
  await expect(apply).toBeDisabled();
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(request.url());
  });
  await input.setInputFiles({
    name: "huge.csv",
    mimeType: "text/csv",
    buffer: Buffer.alloc(33 * 1024 * 1024, "x"),
  });
  await expect(alert.first()).toContainText("It has 33 MB, and at most 32 MB are read.");
  expect(sent.filter((url) => url.includes("/import"))).toEqual([]);
});

test("takes a file that is dropped anywhere on the page, one at a time", async ({ page }) => {
  await openImport(page, "Fund of a dropped file");
  const drop = (names: string[]) =>
    page.evaluate(
      ([names, text]) => {
        const dataTransfer = new DataTransfer();
        for (const name of names) dataTransfer.items.add(new File([text], name));
        const over = new DragEvent("dragover", { dataTransfer, bubbles: true, cancelable: true });
        document.body.dispatchEvent(over);
        const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
        return event.defaultPrevented;
      },
      [names, GOOD] as const,
    );
  expect(await drop(["one.csv", "two.csv"])).toBe(true);
  await expect(page.getByRole("alert")).toContainText("Only one file at a time");
  await drop(["dropped.csv"]);
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(parts(page).file).toContainText("dropped.csv");
  await expect(parts(page).file).toContainText("2 companies and 3 lots will be created.");
});

test("works by keyboard alone", async ({ page }) => {
  const buffer = Buffer.from(UNCLEAR);
  // Listened to from the start: the browser is told of it at once, but may not have heard when a key is pressed.
  page.on("filechooser", (chooser) =>
    chooser.setFiles({ name: "lots.csv", mimeType: "text/csv", buffer }),
  );
  await openImport(page, "Fund of the keyboard");
  const { input, questions, apply, applied } = parts(page);
  await input.focus();
  await page.keyboard.press("Enter");
  await expect(questions).toBeVisible();
  await expect(input).toBeFocused();
  const tabTo = async (reached: () => Promise<boolean>) => {
    for (let presses = 0; presses < 20 && !(await reached()); presses += 1) {
      await page.keyboard.press("Tab");
    }
    expect(await reached()).toBe(true);
  };
  const isFocused = (selector: string) => () =>
    page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector);
  await tabTo(isFocused('input[value="day_first"]'));
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await tabTo(isFocused('input[value="by_date"]'));
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await expect(apply).toBeEnabled();
  for (let presses = 0; presses < 20; presses += 1) {
    if (await apply.evaluate((button) => button === document.activeElement)) break;
    await page.keyboard.press("Shift+Tab");
  }
  await expect(apply).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(applied).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "lots.csv is undone" })).toBeFocused();
});

test("a kill in mid-session keeps the file and the answers", async ({ page }) => {
  await openImport(page, "Fund of a kill during an import");
  const { file, apply, questions } = parts(page);
  await choose(page, UNCLEAR);
  await questions.getByRole("radio", { name: "The day" }).check();
  await questions.getByRole("button", { name: "Check with these answers" }).click();
  await expect(file).toContainText(/1 open question stands? in the way/);
  await questions.getByRole("radio", { name: "All that do not say are initial" }).check();

  await turnOffForPage(page);
  const off = page.getByRole("region", { name: "Import", exact: true });
  await expect(off).toContainText("switched off", { timeout: 15_000 });
  await expect(off).toContainText("lots.csv and your answers are kept here");
  await expect(apply).toHaveCount(0);
  // Neither does a look at another page lose them.
  await page.getByRole("link", { name: "Snapshots" }).click();
  await page.goBack();
  await expect(off).toContainText("lots.csv and your answers are kept here");

  await page.unrouteAll({ behavior: "wait" });
  await expect(file).toContainText("lots.csv", { timeout: 15_000 });
  await expect(questions.getByRole("radio", { name: "The day" })).toBeChecked();
  await expect(
    questions.getByRole("radio", { name: "All that do not say are initial" }),
  ).toBeChecked();
  await questions.getByRole("button", { name: "Check with these answers" }).click();
  await expect(apply).toBeEnabled();
});

test("a kill that only the answer tells of keeps the file, too", async ({ page }) => {
  const fund = await openImport(page, "Fund of a kill at the last moment");
  const { apply, applied } = parts(page);
  await choose(page, GOOD);
  await expect(apply).toBeEnabled();
  await page.route("**/import?*", (route) => route.fulfill(FEATURE_DISABLED));
  await apply.click();
  const off = page.getByRole("region", { name: "Import", exact: true });
  await expect(off).toContainText("Nothing was written. lots.csv and your answers are kept here");
  expect(await companiesOf(page, fund)).toEqual([]);
  await page.unrouteAll();
  await off.getByRole("button", { name: "Try again" }).click();
  await apply.click();
  await expect(applied).toBeVisible();
});

const FAILURES = [
  [401, "unauthenticated", "You are signed out"],
  [413, "payload_too_large", "The file is too large"],
  [429, "rate_limited", "Too many requests at once"],
  [503, "overloaded", "The server is busy"],
  [500, "internal", "The file could not be checked"],
] as const;

test("says what is wrong when the server refuses, and keeps the file", async ({ page }) => {
  await openImport(page, "Fund of refusals");
  const { file, apply } = parts(page);
  const alert = page.getByRole("alert");
  for (const [status, error, words] of FAILURES) {
    await page.route("**/import?*", (route) =>
      route.fulfill({ status, json: { error, message: "No luck", correlationId: "request-1" } }),
    );
    await choose(page, GOOD);
    await expect(alert).toContainText(words);
    await expect(alert).toContainText("request-1");
    await expect(file).toContainText("lots.csv");
    await expect(apply).toBeDisabled();
    await page.unrouteAll();
  }
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(apply).toBeEnabled();
});

test("without a connection nothing is lost and nothing is applied twice", async ({
  page,
  context,
}) => {
  const fund = await openImport(page, "Fund of a lost connection");
  const { apply, applied, earlier } = parts(page);
  await choose(page, GOOD);
  await expect(apply).toBeEnabled();
  await context.setOffline(true);
  await apply.click();
  await expect(page.getByRole("alert")).toContainText("The server cannot be reached");
  await context.setOffline(false);

  // It arrives, but its answer does not.
  const keys: (string | undefined)[] = [];
  await page.route("**/import?*", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => companiesOf(page, fund)).toHaveLength(2);
  await expect(page.getByRole("alert")).toContainText("applies nothing twice");
  await page.unrouteAll({ behavior: "wait" });
  const again = page.waitForRequest("**/import?*");
  await page.getByRole("button", { name: "Try again" }).click();
  expect((await again).headers()["idempotency-key"]).toBe(keys[0]);
  await expect(applied).toContainText("2 companies and 3 lots created.");
  await expect(earlier.locator("tbody")).toHaveCount(1);
});

test("tells a viewer why it cannot be done", async ({ page }) => {
  const fund = await createEmptyFund(page, "Fund of a viewer");
  await page.route("**/api/session", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), role: "viewer" } });
  });
  await page.goto(`${fund.path}/import`);
  await expect(page.getByText("Importing needs the role analyst; yours is viewer.")).toBeVisible();
  await expect(parts(page).input).toHaveCount(0);
  await expect(page.getByRole("navigation").getByRole("link", { name: "Import" })).toHaveCount(0);
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits before a file is chosen, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openImport(page, `Fund of an empty page, ${colorScheme}`);
    await expectAccessibleAndFitting(page, info);
  });

  test(`is accessible and fits with problems and questions, ${colorScheme}`, async ({
    page,
  }, info) => {
    await page.emulateMedia({ colorScheme });
    await openImport(page, `Fund of pictures of problems, ${colorScheme}`);
    await choose(page, UNCLEAR.replace("500000", "half a million of the shares that there are"));
    await expect(parts(page).questions).toBeVisible();
    await page.getByText("How the sheets and columns are understood").click();
    await page.getByText(/which does not stand in the way/).click();
    await expect(parts(page).mapping).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });

  test(`is accessible and fits with changes and earlier imports, ${colorScheme}`, async ({
    page,
  }, info) => {
    await page.emulateMedia({ colorScheme });
    await openImport(page, `Fund of pictures of changes, ${colorScheme}`);
    await choose(page, GOOD, `${"a long name of a file ".repeat(4)}.csv`);
    await parts(page).apply.click();
    await expect(parts(page).applied).toBeVisible();
    await choose(
      page,
      `${GOOD.replaceAll("Robotics,Robotics", "Robotics,Hardware")}\nCirrus,,initial,2023-01-31,10,"100.00",Seed`,
    );
    await expect(parts(page).changes).toContainText("Cirrus");
    await expectAccessibleAndFitting(page, info);
  });

  test(`is accessible and fits after an import and while it is off, ${colorScheme}`, async ({
    page,
  }, info) => {
    await page.emulateMedia({ colorScheme });
    await openImport(page, `Fund of pictures of an end, ${colorScheme}`);
    await choose(page, GOOD);
    await parts(page).apply.click();
    await expect(parts(page).applied).toBeVisible();
    await turnOffForPage(page);
    const off = page.getByRole("region", { name: "Import", exact: true });
    await expect(off).toBeVisible({ timeout: 15_000 });
    await expectAccessibleAndFitting(page, info);
  });
}
