import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { expect, test } from "./lotwise";
import { createOwnFund, FEATURE_DISABLED, invest, mark, turnOffForPage } from "./own-fund";

async function create(page: Page, name: string, asOf: string): Promise<void> {
  const form = page.getByRole("form", { name: "New snapshot" });
  await form.getByRole("textbox", { name: "Name" }).fill(name);
  await form.getByLabel("As of").fill(asOf);
  await form.getByRole("button", { name: "Create snapshot" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("complete", { timeout: 15_000 });
}

/** A fund with one company, and a snapshot of the same day before and after a mark is entered. */
async function openWithTwo(page: Page, name: string) {
  const fund = await createOwnFund(page, name);
  await invest(page, fund);
  await page.goto(`${fund.path}/snapshots`);
  await create(page, "Before the mark", "2023-12-31");
  await mark(page, fund, "2023-06-30", "450");
  await create(page, "After the mark", "2023-12-31");
  return fund;
}

test("creates, compares and deletes snapshots", async ({ page }) => {
  await openWithTwo(page, "Fund of two snapshots");
  await page.getByRole("checkbox", { name: "Compare Before the mark" }).check();
  await page.getByRole("checkbox", { name: "Compare After the mark" }).check();
  const comparison = page.getByRole("region", { name: "From Before the mark to After the mark" });
  await expect(comparison).toBeVisible();
  const current = comparison.getByRole("row", { name: /^Current MOIC 1.50x 2.25x \+0.75x/ });
  await expect(current.first()).toBeVisible();
  await expect(comparison).toContainText("Mark added: 2023-06-30 Seed");
  await page.reload();
  await expect(comparison).toBeVisible();
  await comparison.getByRole("button", { name: "Swap" }).click();
  await expect(
    page.getByRole("region", { name: "From After the mark to Before the mark" }),
  ).toContainText("-0.75x");

  await page.getByRole("button", { name: "Delete Before the mark" }).click();
  const question = page.getByRole("group", { name: "Delete it for good?" });
  await question.getByRole("button", { name: "No" }).click();
  await expect(page.getByRole("button", { name: "Delete Before the mark" })).toBeFocused();
  await page.getByRole("button", { name: "Delete Before the mark" }).click();
  await question.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Before the mark" })).toHaveCount(0);
  await expect(comparison).toHaveCount(0);
});

test("opens the lenses of a snapshot", async ({ page }) => {
  await openWithTwo(page, "Fund of an open snapshot");
  await page.getByRole("button", { name: "Before the mark", exact: true }).click();
  await expect(page).toHaveURL(/shown=/);
  const shown = page.getByRole("region", { name: "Before the mark", exact: true });
  await expect(shown).toContainText("as of Dec 31, 2023");
  await expect(shown).toContainText("1.50x");
});

test("follows a calculation by server-sent events, and can cancel or retry it", async ({
  page,
}) => {
  const { path, fundId } = await createOwnFund(page, "Fund of a slow calculation");
  const snapshot = {
    id: "01a222a0-879f-76b7-a755-0c78cf60cfa9",
    fundId,
    name: "Slow",
    status: "pending",
    progress: { current: 0, total: 0 },
    asOf: "2022-12-31",
    knownAt: "2023-01-01T00:00:00Z",
    cached: false,
    version: 1,
    createdAt: "2023-01-01T00:00:00Z",
    updatedAt: "2023-01-01T00:00:00Z",
  };
  const calculating = { ...snapshot, status: "calculating", progress: { current: 3, total: 8 } };
  let now: object = snapshot;
  await page.route("**/portfolio/snapshots*", (route) =>
    route.fulfill({ json: { snapshots: [now], pagination: { hasMore: false } } }),
  );
  await page.route("**/api/snapshots/*/events", (route) => {
    now = calculating;
    const body = `event: calculating\ndata: ${JSON.stringify(calculating)}\n\n`;
    return route.fulfill({ contentType: "text/event-stream", body });
  });
  await page.goto(`${path}/snapshots`);
  const row = page.getByRole("row").filter({ hasText: "Slow" });
  await expect(row.getByRole("progressbar", { name: "Progress of Slow" })).toHaveAttribute(
    "value",
    "3",
  );
  await expect(row).toContainText("3 of 8 companies");
  await expect(row.getByRole("button", { name: "Cancel Slow" })).toBeVisible();
  await expect(row.getByRole("checkbox")).toBeDisabled();

  now = { ...snapshot, status: "error", error: "an exit case has no price" };
  await page.reload();
  await expect(row).toContainText("an exit case has no price");
  const retried = page.waitForRequest(/\/retry$/);
  await page.route("**/retry", (route) => route.fulfill({ status: 202, json: {} }));
  await row.getByRole("button", { name: "Retry Slow" }).click();
  expect((await retried).method()).toBe("POST");
});

test("checks the name, and puts what the server finds at its field", async ({ page }) => {
  const { path } = await createOwnFund(page, "Fund of a nameless snapshot");
  await page.goto(`${path}/snapshots`);
  await expect(page.getByRole("heading", { name: "No snapshots yet" })).toBeVisible();
  const name = page.getByRole("textbox", { name: "Name" });
  await page.getByRole("button", { name: "Create snapshot" }).click();
  await expect(page.getByText("Enter a name, such as Year end 2025.")).toBeVisible();
  await name.fill("x".repeat(201));
  await page.getByRole("button", { name: "Create snapshot" }).click();
  await expect(page.getByText(/at most 200 characters/)).toBeVisible();
  await expect(name).toHaveValue("x".repeat(201));
});

test("a 503 keeps what was typed", async ({ page }) => {
  const { path } = await createOwnFund(page, "Fund of a refused snapshot");
  await page.goto(`${path}/snapshots`);
  await page.route("**/portfolio/snapshots", (route) =>
    route.request().method() === "POST" ? route.fulfill(FEATURE_DISABLED) : route.continue(),
  );
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("Year end");
  await page.getByRole("button", { name: "Create snapshot" }).click();
  await expect(page.getByRole("alert")).toContainText(
    "The lot-level MOIC feature is currently disabled.",
  );
  await expect(name).toHaveValue("Year end");
});

test("lists snapshots while the feature is off, and says so", async ({ page }) => {
  const { path } = await openWithTwo(page, "Fund of a feature that is off");
  await turnOffForPage(page);
  await page.goto(`${path}/snapshots?status=complete`);
  await expect(page.getByRole("region", { name: "New snapshot" })).toContainText("switched off");
  await expect(page.getByRole("region", { name: "Snapshots" }).locator("tbody tr")).toHaveCount(2);
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await openWithTwo(page, `Fund of pictures, ${colorScheme}`);
    await page.getByRole("checkbox", { name: "Compare Before the mark" }).check();
    await page.getByRole("checkbox", { name: "Compare After the mark" }).check();
    await expect(page.getByRole("region", { name: /^From Before/ })).toBeVisible();
    await page.getByRole("button", { name: "After the mark", exact: true }).click();
    await expect(page.getByRole("region", { name: "Seven lenses" })).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });
}
