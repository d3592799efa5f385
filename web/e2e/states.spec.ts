import { expect, openFund, test } from "./lotwise";

const LENSES = "**/portfolio/lots/moic*";

test("holds the place of what is still on its way", async ({ page }) => {
  let answer: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(LENSES, async (route) => {
    await slow;
    await route.continue();
  });
  await page.goto("/");
  await expect(page.getByRole("region", { name: "Simple MOIC" })).toContainText("Invested");
  await expect(page.getByRole("grid")).toHaveCount(0);
  answer();
  await expect(page.getByRole("grid")).toBeVisible();
});

test("an error names its request and can be tried again", async ({ page }) => {
  let broken = true;
  await page.route(LENSES, (route) =>
    broken
      ? route.fulfill({
          status: 500,
          headers: { "X-Request-Id": "request-of-the-test" },
          json: { error: "internal", message: "The lenses could not be computed" },
        })
      : route.continue(),
  );
  await page.goto("/");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The lenses could not be computed", { timeout: 10_000 });
  await expect(alert).toContainText("request-of-the-test");
  // What does not depend on the lenses is there all the same.
  await expect(page.getByRole("region", { name: "Simple MOIC", exact: true })).toContainText(
    "Invested",
  );
  broken = false;
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
});

test("a lost connection is told from an error of the server", async ({ page }) => {
  await openFund(page);
  await page.route("**/api/**", (route) => route.abort());
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("The server cannot be reached", {
    timeout: 10_000,
  });
});

test("a fund that the person may not see is an error with a way out", async ({ page }) => {
  await page.goto("/funds/987654321");
  await expect(page.getByRole("alert")).toContainText("This fund could not be loaded");
  await page.getByRole("link", { name: "Lotwise" }).click();
  await expect(page.getByRole("grid")).toBeVisible();
});

test("an address that is no page says so", async ({ page }) => {
  await page.goto("/nowhere");
  await page.getByRole("link", { name: "Go to the first fund" }).click();
  await expect(page).toHaveURL(/\/funds\/\d+/);
});
