import type { Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, openFund, test } from "./lotwise";

const TEXT = "The seven lenses are open to half of you";

async function announce(page: Page, announcement: object): Promise<void> {
  if (!page.url().startsWith("http")) await page.goto("/favicon.svg");
  const { version } = (await callApi(page, "GET", "/api/announcement")).body;
  const answer = await callApi(page, "PUT", "/api/announcement", { version, ...announcement });
  expect(answer.status).toBe(200);
}

const banner = (page: Page) => page.getByRole("region", { name: "Announcement" });

test.afterEach(async ({ page }) => {
  await page.unrouteAll();
  await announce(page, {});
});

test("an operator announces something to every open page, and takes it back (D3)", async ({
  page,
  context,
}) => {
  test.slow();
  await openFund(page);
  const other = await context.newPage();
  await other.goto("/settings?tab=announcement");
  await other.getByLabel("Text").fill(TEXT);
  await other.getByLabel("Link", { exact: true }).fill("javascript:alert(1)");
  await other.getByRole("button", { name: "Announce" }).click();
  await expect(other.getByText(/must be an address/i)).toBeVisible();
  await other.getByLabel("Link", { exact: true }).fill("/flags");
  await other.getByLabel("What the link says").fill("What is new");
  await other.getByRole("button", { name: "Announce" }).click();
  await expect(other.getByText(/^Everyone sees this announcement/)).toBeVisible();

  await page.bringToFront();
  await expect(banner(page)).toContainText(TEXT);
  await banner(page).getByRole("link", { name: "What is new" }).click();
  await expect(page).toHaveURL(/\/flags$/);

  await other.bringToFront();
  await other.getByRole("button", { name: "Take it back" }).click();
  await expect(other.getByText(/^Nothing is announced now/)).toBeVisible();
  await page.bringToFront();
  await expect(banner(page)).toHaveCount(0);
  await other.close();
});

test("whoever puts it away has peace until the next one", async ({ page }) => {
  await announce(page, { text: TEXT });
  await openFund(page);
  await banner(page).getByRole("button", { name: "Put the announcement away" }).press("Enter");
  await expect(banner(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("grid")).toBeVisible();
  await expect(banner(page)).toHaveCount(0);
  await announce(page, { text: "Tomorrow at noon", link: "https://lotwise.test/news" });
  await expect(banner(page)).toContainText("Tomorrow at noon");
  const link = banner(page).getByRole("link", { name: "Read more" });
  await expect(link).toHaveAttribute("rel", "noopener noreferrer");
});

test("it is there with the first frame", async ({ page }) => {
  await announce(page, { text: TEXT });
  await page.route("**/api/client-state", () => undefined);
  await page.goto("/flags");
  await expect(banner(page)).toContainText(TEXT);
});

test("a change that somebody else has made meanwhile is not written over", async ({ page }) => {
  await page.goto("/settings?tab=announcement");
  await page.getByLabel("Text").fill("Mine");
  await announce(page, { text: "Theirs" });
  await page.getByRole("button", { name: "Announce", exact: true }).click();
  await page.getByRole("button", { name: "Show theirs" }).click();
  await expect(page.getByLabel("Text")).toHaveValue("Theirs");
});

for (const colorScheme of SCHEMES) {
  test(`is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await announce(page, { text: TEXT, link: "/flags", linkLabel: "What is new" });
    await page.goto("/settings?tab=announcement");
    await expect(page.getByText(/^Everyone sees/)).toBeVisible();
    await expectAccessibleAndFitting(page, info);
  });
}
