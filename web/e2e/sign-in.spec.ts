import type { Browser, Page } from "@playwright/test";
import { expectAccessibleAndFitting, SCHEMES } from "./appearance-check";
import { callApi, expect, test } from "./lotwise";

const PASSWORD = "tidal marmot grief ledger";
const NEXT_PASSWORD = "quartz umbrella seventh canal";

/** A new person, and what they sign in as: nobody can be taken out again. */
async function newPerson(page: Page): Promise<{ name: string; signInName: string }> {
  const { testId, retry, repeatEachIndex } = test.info();
  const signInName = `${testId}-${retry}-${repeatEachIndex}-${Date.now()}@example.com`;
  const name = `Person ${signInName.split("@")[0]}`;
  await page.goto("/settings");
  expect((await callApi(page, "POST", "/api/people", { name })).status).toBe(201);
  return { name, signInName };
}

/** A browser without a session. */
async function stranger(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  return context.newPage();
}

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto("/");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("an administrator lets somebody in, who sets their own password and leaves everywhere", async ({
  page,
  browser,
}) => {
  test.setTimeout(90_000);
  const { name, signInName } = await newPerson(page);
  await page.goto("/settings?tab=people");
  await page.getByRole("button", { name: `How ${name} signs in` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Signs in as").fill(signInName.toUpperCase());
  await dialog.getByLabel("Role").selectOption("analyst");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByRole("button", { name: "Make a one-time link" }).click();
  const link = await dialog.getByLabel(`Link for ${name}`).inputValue();
  await dialog.getByRole("button", { name: "Close" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText(signInName);
  await expect(row).toContainText("analyst");

  const theirs = await stranger(browser);
  await theirs.goto(link);
  await theirs.waitForURL(/\/funds\/\d+/);
  await theirs.goto("/settings");
  await expect(theirs.getByText(`You sign in as ${signInName}.`)).toBeVisible();
  await theirs.getByLabel("New password").fill("password1234");
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByLabel("New password")).toHaveAccessibleDescription(/too easy to guess/);
  await theirs.getByLabel("New password").fill(PASSWORD);
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByText("It is set.")).toBeVisible();

  const other = await stranger(browser);
  await signIn(other, signInName, "not the password");
  await expect(other.getByRole("alert")).toHaveText("The name or the password is wrong.");
  await signIn(other, signInName, PASSWORD);
  await other.waitForURL(/\/funds\/\d+/);
  await other.goto("/settings");
  await other.getByLabel("Old password").fill(PASSWORD);
  await other.getByLabel("New password").fill(NEXT_PASSWORD);
  await other.getByRole("button", { name: "Change password" }).click();
  await expect(other.getByText("It is set.")).toBeVisible();
  await expect(other.getByRole("region", { name: "Sessions" }).getByRole("row")).toHaveCount(2);
  await theirs.reload();
  await expect(theirs.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
  await signIn(theirs, signInName, NEXT_PASSWORD);
  await theirs.waitForURL(/\/funds\/\d+/);

  await other.getByRole("button", { name: "Leave every browser" }).click();
  await expect(other.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
  await theirs.reload();
  await expect(theirs.getByRole("heading", { name: "Sign in to Lotwise" })).toBeVisible();
  await theirs.context().close();
  await other.context().close();
});

test("leads to the provider where there is one, and says why nobody came back", async ({
  browser,
}) => {
  const page = await stranger(browser);
  const oidc = { label: "Example login", path: "/api/session/oidc" };
  await page.route("**/api/session/methods", (route) =>
    route.fulfill({ json: { password: true, oidc } }),
  );
  await page.goto("/?signInFailed=no_role");
  await expect(page.getByRole("alert")).toContainText("none of your groups may use Lotwise");
  await expect(page).not.toHaveURL(/signInFailed/);
  const link = page.getByRole("link", { name: "Continue with Example login" });
  await expect(link).toHaveAttribute("href", oidc.path);
  await page.context().close();
});

for (const colorScheme of SCHEMES) {
  test(`the way in is accessible and fits, ${colorScheme}`, async ({ browser }, info) => {
    const page = await stranger(browser);
    await page.emulateMedia({ colorScheme });
    const oidc = { label: "Example login", path: "/api/session/oidc" };
    await page.route("**/api/session/methods", (route) =>
      route.fulfill({ json: { password: true, oidc } }),
    );
    await page.goto("/?signInFailed=expired");
    await expect(page.getByRole("link", { name: "Continue with Example login" })).toBeVisible();
    await page.getByText("First time here, or no password").click();
    await expectAccessibleAndFitting(page, info);
    await page.context().close();
  });

  test(`a person's access is accessible and fits, ${colorScheme}`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/settings?tab=people");
    await page
      .getByRole("button", { name: /^How .* signs in$/ })
      .first()
      .click();
    await page.getByRole("dialog").getByLabel("Role").selectOption("analyst");
    await expectAccessibleAndFitting(page, info);
  });
}
