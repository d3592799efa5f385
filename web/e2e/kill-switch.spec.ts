import { callApi, expect, FEATURE, openFund, test } from "./lotwise";

const BANNER = "Lot-level MOIC temporarily unavailable";

test("two clicks kill from any page; other open pages obey at once; a restore brings it back", async ({
  page,
  context,
}) => {
  test.slow();
  await openFund(page);
  const other = await context.newPage();
  try {
    await other.goto("/health");
    await other.getByRole("button", { name: "Kill lot-level MOIC" }).click();
    await other.getByRole("dialog").getByRole("button", { name: "Kill for everyone" }).click();
    await expect(other.getByText("Say why")).toBeVisible();
    await other.getByLabel("Reason").fill("rehearsed by a browser test");
    // The next poll is seconds away: only the event can bring the news in time.
    await page.waitForResponse("**/api/client-state");
    await other.getByLabel("Reason").press("Enter");
    await expect(page.getByText(BANNER)).toBeVisible({ timeout: 2500 });
    await expect(page.getByRole("region", { name: "Simple MOIC by company, gross" })).toBeVisible({
      timeout: 1500,
    });

    await expect(other.getByRole("dialog")).toHaveCount(0);
    await other.goto(`/flags/${FEATURE}`);
    await expect(other.getByText("rehearsed by a browser test")).toBeVisible();
    await other.getByRole("button", { name: "Restore lot-level MOIC" }).click();
    const dialog = other.getByRole("dialog");
    await expect(dialog).toContainText("It comes back on for everyone");
    await dialog.getByLabel("Reason").fill("rehearsal is over");
    await dialog.getByRole("button", { name: "Restore" }).click();
    await expect(page.getByText(BANNER)).toHaveCount(0, { timeout: 2500 });
    await expect(page.getByRole("grid")).toBeVisible();
  } finally {
    const path = `/api/flags/${FEATURE}/restore`;
    await callApi(page, "POST", path, { reason: "the end of a browser test" });
    await other.close();
  }
});

test("a kill that fails says so and keeps the reason; Escape leaves it", async ({ page }) => {
  await openFund(page);
  await page.route("**/kill", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      json: { error: "overloaded", message: "the server has more to do than it keeps up with" },
    }),
  );
  const open = page.getByRole("button", { name: "Kill lot-level MOIC" });
  await open.click();
  await page.getByLabel("Reason").fill("marks look wrong");
  await page.getByRole("button", { name: "Kill for everyone" }).click();
  await expect(page.getByRole("alert")).toContainText("more to do than it keeps up with");
  await expect(page.getByLabel("Reason")).toHaveValue("marks look wrong");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(open).toBeFocused();
});
