import { expect, test } from "@playwright/test";
import { SESSION } from "./lotwise";

const link = process.env.LOTWISE_LOGIN_URL ?? "";

test("the printed link signs in once and leaves no token behind", async ({ page, browser }) => {
  await page.goto(link);
  await expect(page).toHaveURL(/\/funds\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Fund");
  const cookies = await page.context().cookies();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie.httpOnly, `${cookie.name} is out of reach for scripts`).toBe(true);
    expect(["Strict", "Lax"]).toContain(cookie.sameSite);
  }
  await page.context().storageState({ path: SESSION });

  const stranger = await browser.newPage();
  await stranger.goto(link);
  await expect(stranger.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
  await expect(stranger.getByRole("alert")).toContainText("This link did not work");
  await expect(stranger).not.toHaveURL(/token/);
  await stranger.close();
});

test("without a session there is a way to sign in, and nothing else", async ({ page }) => {
  await page.goto("/funds/1");
  await expect(page.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
  await page.getByText("First time here, or no password").click();
  await page.getByLabel("Or paste the token of a new link").fill("not-a-token");
  await page.getByRole("button", { name: "Use the link" }).click();
  await expect(page.getByText(/./).and(page.locator("[id$=-error]"))).toBeVisible();
});
