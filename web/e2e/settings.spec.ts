import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { callApi, expect, FEATURE, test } from "./lotwise";

const FORBIDDEN = {
  status: 403,
  contentType: "application/problem+json",
  json: { error: "forbidden", message: "this needs the role admin; yours is viewer" },
};

async function openTokens(page: Page): Promise<void> {
  await page.goto("/settings?tab=tokens");
  await expect(page.getByRole("table")).toBeVisible();
}

/** Answers what is sent to a path, and lets reads through. */
async function answerPosts(page: Page, path: string, answer: object, status: number) {
  const sent: { key: string | undefined; body: unknown }[] = [];
  await page.route(`**${path}`, (route, request) => {
    if (request.method() !== "POST") return route.fallback();
    sent.push({ key: request.headers()["idempotency-key"], body: request.postDataJSON() });
    return route.fulfill({ status, json: answer });
  });
  return sent;
}

test("says who is signed in, and what they may", async ({ page }) => {
  await page.goto("/settings");
  const session = (await callApi(page, "GET", "/api/session")).body;
  const you = page.getByRole("region", { name: "Signed in" });
  await expect(you).toContainText(session.name);
  await expect(you).toContainText(session.key);
  await expect(you).toContainText(session.role);
  await expect(you).toContainText(session.environment);
});

test("lets a person leave the beta and come back", async ({ page }) => {
  await page.goto("/settings");
  const beta = page.getByRole("radiogroup", { name: "Lot-level MOIC (beta)" });
  const outcome = page.getByRole("region", { name: "Features" }).getByRole("status").first();
  await beta.getByText("Leave", { exact: true }).click();
  await expect(outcome).toHaveText("Off for you: you left it.");
  await page.reload();
  await expect(beta.getByRole("radio", { name: "Leave" })).toBeChecked();
  await page.goto("/");
  await expect(page.getByText("The simple MOIC of each company is shown below")).toBeVisible();
  await page.goto("/settings");
  await beta.getByText("As released", { exact: true }).click();
  await expect(outcome).toContainText("On for you");
  expect(await page.evaluate((flag) => localStorage.getItem(`ff_${flag}`), FEATURE)).toBeNull();
});

test("a choice comes before the one of the address", async ({ page }) => {
  await page.goto(`/settings?ff_${FEATURE}=1`);
  const beta = page.getByRole("radiogroup", { name: "Lot-level MOIC (beta)" });
  await expect(beta.getByRole("radio", { name: "Enter" })).toBeChecked();
  await beta.getByText("Leave", { exact: true }).click();
  await expect(page.getByText("Off for you: you left it.")).toBeVisible();
  await beta.getByText("As released", { exact: true }).click();
  await expect(page.getByText("Off for you: you left it.")).toHaveCount(0);
});

test("keeps the colours that were chosen", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/settings");
  await page.getByRole("radiogroup", { name: "Colours" }).getByText("Dark").click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.getByRole("radiogroup", { name: "Colours" }).getByText("As the system").click();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "light");
});

test("signs out, and says so when it did not work", async ({ page }) => {
  let status = 500;
  // The session itself is shared with the other tests, and has to last.
  await page.route("**/api/session", (route, request) => {
    if (request.method() !== "DELETE") return route.fallback();
    return status === 204
      ? route.fulfill({ status })
      : route.fulfill({ status, json: { error: "internal", message: "The database is away." } });
  });
  await page.goto("/settings");
  const signOut = page.getByRole("button", { name: "Sign out" });
  await signOut.click();
  await expect(page.getByRole("alert")).toHaveText(
    "You are still signed in: The database is away.",
  );
  status = 204;
  await page.route("**/api/funds*", (route) =>
    route.fulfill({
      status: 401,
      json: { error: "unauthenticated", message: "a token is required" },
    }),
  );
  await signOut.click();
  await expect(page.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
});

test("creates a token, shows its secret once, and revokes it", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const name = `made by a browser test ${test.info().testId}-${test.info().retry}`;
  await openTokens(page);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Role").selectOption("analyst");
  await page.getByLabel("Expires").selectOption("30");
  await page.getByRole("radio", { name: "Only these" }).check();
  await page.getByRole("checkbox").first().check();
  await page.getByRole("button", { name: "Create token" }).click();

  const secret = page.getByLabel(`Secret of ${name}`);
  await expect(secret).toHaveValue(/^lotwise_[0-9a-f]{64}$/);
  await expect(secret).toBeFocused();
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await secret.inputValue());
  await page.getByRole("button", { name: "I have it" }).click();
  await expect(secret).toHaveCount(0);
  await expect(page.getByLabel("Name")).toHaveValue("");

  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("analyst");
  await expect(row).toContainText("a service");
  await row.getByRole("button", { name: `Revoke ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(row).toContainText("in force");
  await row.getByRole("button", { name: `Revoke ${name}` }).click();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(row).toHaveCount(0);
  await page.getByRole("radiogroup", { name: "Tokens shown" }).getByText("All").click();
  await expect(page).toHaveURL(/show=all/);
  await expect(row).toContainText("revoked");
});

test("checks a token before anything is sent", async ({ page }) => {
  const sent = await answerPosts(page, "/api/tokens", {}, 500);
  await openTokens(page);
  await page.getByRole("radio", { name: "Only these" }).check();
  await page.getByLabel("Expires").selectOption("date");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Say what it is for/);
  await expect(page.getByLabel("Last day")).toHaveAccessibleDescription(/Give a date after today/);
  await expect(page.getByText("Choose a fund, or all of them.")).toBeVisible();
  expect(sent).toHaveLength(0);
});

test("puts what the server refuses at its field, and keeps what was typed over a reload", async ({
  page,
}) => {
  const details = [{ path: "name", value: "x", message: "is taken" }];
  await answerPosts(
    page,
    "/api/tokens",
    { error: "validation_failed", message: "no", details },
    422,
  );
  await openTokens(page);
  await page.getByLabel("Name").fill("importer");
  await page.getByLabel("Role").selectOption("operator");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Is taken\./);
  await page.reload();
  await expect(page.getByLabel("Name")).toHaveValue("importer");
  await expect(page.getByLabel("Role")).toHaveValue("operator");
});

test("another try sends the very same, and a lost secret is said to be lost", async ({ page }) => {
  const sent = await answerPosts(
    page,
    "/api/tokens",
    { error: "overloaded", message: "Too much at once" },
    503,
  );
  await openTokens(page);
  await page.getByLabel("Name").fill("importer");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByRole("alert")).toContainText("The server is busy");
  await page.getByRole("button", { name: "Create token" }).click();
  await expect.poll(() => sent.length).toBe(2);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  await expect(page.getByRole("alert")).toContainText("The server is busy");

  const token = { id: 1, name: "importer", role: "viewer", createdAt: "2026-01-01T00:00:00Z" };
  await answerPosts(page, "/api/tokens", token, 201);
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText("does not show its secret again")).toBeVisible();
  await page.getByRole("button", { name: "Understood" }).click();
  await expect(page.getByLabel("Name")).toHaveValue("");
});

test("enters a person, who can then be given a token", async ({ page }) => {
  const person = {
    id: 1,
    name: "Ada Example",
    version: 1,
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
  };
  // Nobody can be taken out again, so the server is not asked.
  const sent = await answerPosts(page, "/api/people", person, 201);
  await page.goto("/settings?tab=people");
  await page.getByRole("button", { name: "Enter person" }).click();
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Give the person's name/);
  expect(sent).toHaveLength(0);
  await page.getByLabel("Name").fill(" Ada Example ");
  await page.getByRole("button", { name: "Enter person" }).click();
  await expect(page.getByText("Ada Example is entered.")).toBeVisible();
  expect(sent).toEqual([
    { key: expect.stringMatching(/^[0-9a-f]{32}$/), body: { name: person.name } },
  ]);
  await page.getByRole("link", { name: "Create a token", exact: true }).first().click();
  await expect(page).toHaveURL(/tab=tokens&person=1/);
  await expect(page.getByLabel("Belongs to")).toHaveValue("1");
});

test("tells who may not administer, in the server's words", async ({ page }) => {
  await page.route("**/api/tokens*", (route) => route.fulfill(FORBIDDEN));
  await page.route("**/api/people*", (route) => route.fulfill(FORBIDDEN));
  for (const tab of ["tokens", "people"]) {
    await page.goto(`/settings?tab=${tab}`);
    await expect(
      page.getByRole("heading", { name: `You may not administer ${tab}` }),
    ).toBeVisible();
    await expect(page.getByText(FORBIDDEN.json.message)).toBeVisible();
    await expect(page.getByRole("textbox")).toHaveCount(0);
  }
});

test("can be used with the keyboard alone", async ({ page }) => {
  await page.goto("/settings");
  await page.getByRole("tab", { name: "You" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Tokens" })).toBeFocused();
  await expect(page).toHaveURL(/tab=tokens/);
  await expect(page.getByRole("table")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Name")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Name")).toHaveAccessibleDescription(/Say what it is for/);
  const revoke = page.getByRole("button", { name: /^Revoke/ }).first();
  await revoke.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(revoke).toBeFocused();
});

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const tab of ["you", "tokens", "people"]) {
    test(`the tab ${tab} is accessible and fits, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`/settings?tab=${tab}`);
      const shown = tab === "you" ? page.getByText("person:1") : page.getByRole("table");
      await expect(shown).toBeVisible();
      // With messages beside the fields.
      if (tab === "tokens") await page.getByRole("button", { name: "Create token" }).click();
      if (tab === "people") await page.getByRole("button", { name: "Enter person" }).click();
      await expectAccessible(page);
      await page.setViewportSize({ width: 360, height: 900 });
      await expectAccessible(page);
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(sideways, "the page itself does not scroll sideways").toBe(0);
    });
  }

  test(`the question before a token is revoked is accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openTokens(page);
    await page
      .getByRole("button", { name: /^Revoke/ })
      .first()
      .click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectAccessible(page);
  });
}
