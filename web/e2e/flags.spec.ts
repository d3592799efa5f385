import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { callApi, expect, FEATURE, test } from "./lotwise";

const DEFINITION = {
  state: "ENABLED",
  variants: { on: true, off: false },
  defaultVariant: "off",
  targeting: { if: [{ in: ["@cedar.example", { var: "email" }] }, "on"] },
  metadata: { description: "Made by a browser test", owner: "web", kind: "ops" },
};

/** Creates a flag of the test's own, and archives it afterwards. */
async function withFlag(page: Page, name: string, use: (key: string) => Promise<void>) {
  // Another key each time: a test that is run again must not stumble over an archived one.
  const key = `e2e-${name}-${Date.now()}`;
  await page.goto("/flags");
  const created = await callApi(page, "POST", "/api/flags", { key, definition: DEFINITION });
  expect(created.status).toBe(201);
  try {
    await use(key);
  } finally {
    await archive(page, key);
  }
}

async function archive(page: Page, key: string): Promise<void> {
  const flag = await callApi(page, "GET", `/api/flags/${key}`);
  if (flag.status !== 200 || flag.body.archived) return;
  const { version } = flag.body;
  expect((await callApi(page, "DELETE", `/api/flags/${key}`, { version })).status).toBe(200);
}

test("lists the flags; search and filters stand in the address", async ({ page }) => {
  await withFlag(page, "list", async (key) => {
    await page.reload();
    const row = page.getByRole("row", { name: key });
    await expect(row).toContainText("Partly on");
    await expect(row).toContainText("by rule, then nobody");
    await expect(row).toContainText("web");
    await expect(row).toContainText("never");
    await page.getByRole("searchbox", { name: "Search" }).fill("Made by a browser");
    await page.getByRole("combobox", { name: "Kind" }).selectOption("ops");
    await expect(page).toHaveURL(/q=Made.*kind=ops/);
    await expect(page.getByRole("row", { name: FEATURE })).toHaveCount(0);
    await page.reload();
    await expect(row).toBeVisible();
    await page.getByRole("combobox", { name: "State" }).selectOption("killed");
    await expect(page.getByText("No flag is like that")).toBeVisible();
    await page.getByRole("button", { name: "Show all flags" }).click();
    await expect(page.getByRole("row", { name: FEATURE })).toBeVisible();
  });
});

test("creates a flag, after the fields that are wrong are put right", async ({ page }) => {
  const key = `e2e-new-${Date.now()}`;
  try {
    await page.goto("/flags");
    await page.getByRole("button", { name: "New flag" }).click();
    await page.getByLabel("Exposure, %").fill("200");
    await page.getByRole("button", { name: "Create flag" }).click();
    await expect(page.getByText("A percentage from 0 to 100")).toBeVisible();
    await page.getByLabel("Key").fill(key);
    await page.getByLabel("Exposure, %").fill("12.5");
    await page.getByLabel("Targeting rule").fill('{ "if": [{ "is": [1] }, "on"] }');
    // Nothing is lost by a reload.
    await page.reload();
    await expect(page.getByLabel("Key")).toHaveValue(key);
    await page.getByRole("button", { name: "Create flag" }).click();
    const problem = page.locator("[id$=-error]").filter({ hasText: "targeting.if[0]" });
    await expect(problem).toBeVisible();
    await page.getByLabel("Targeting rule").fill("");
    await page.getByRole("button", { name: "Create flag" }).click();
    await expect(page).toHaveURL(new RegExp(`/flags/${key}$`));
    await expect(page.getByRole("heading", { name: key })).toBeVisible();
    await expect(page.getByRole("definition").filter({ hasText: "12.5 %" })).toBeVisible();
    await page.getByRole("button", { name: "Archive…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
    await expect(page.getByText("This flag is archived.")).toBeVisible();
  } finally {
    await archive(page, key);
  }
});

test("a change of somebody else is told, and what was typed is carried over", async ({ page }) => {
  await withFlag(page, "edit", async (key) => {
    await page.goto(`/flags/${key}`);
    await page.getByLabel("Owner").fill("growth");
    const others = { ...DEFINITION, metadata: { ...DEFINITION.metadata, exposure: 5 } };
    const path = `/api/flags/${key}`;
    const changed = await callApi(page, "PUT", path, { version: 1, definition: others });
    expect(changed.status).toBe(200);
    const moved = page.getByRole("alert").filter({ hasText: "What you typed is kept" });
    await expect(moved).toContainText("it is at version 2, and you began with 1");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("the record has changed since you read it")).toBeVisible();
    await expect(page.getByLabel("Owner")).toHaveValue("growth");
    await page.getByRole("button", { name: "Carry my changes over" }).click();
    await expect(page.getByLabel("Exposure, %")).toHaveValue("5");
    await page.getByLabel("Comment").fill("Given to another team");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved as version 3.")).toBeVisible();

    await page.getByRole("link", { name: "History" }).click();
    await expect(page).toHaveURL(/tab=history/);
    const versions = page.getByRole("region", { name: "Versions" });
    await expect(versions).toContainText("Given to another team");
    await expect(
      versions.getByRole("listitem").filter({ hasText: "metadata.owner" }),
    ).toContainText(['"growth"']);
    await expect(page.getByRole("region", { name: "Audit" })).toContainText("flag.create");
  });
});

test("explains what somebody gets, step by step", async ({ page }) => {
  await withFlag(page, "try", async (key) => {
    await page.goto(`/flags/${key}?tab=try`);
    await page.getByLabel("Targeting key").fill("person:7");
    await page.getByLabel("Attributes").fill("{");
    await page.getByRole("button", { name: "Explain" }).click();
    await expect(page.getByText("Not JSON")).toBeVisible();
    await page.getByLabel("Attributes").fill('{ "email": "ada@cedar.example" }');
    await page.getByRole("button", { name: "Explain" }).click();
    const explanation = page.getByRole("region", { name: "Explanation" });
    await expect(explanation).toContainText("person:7 gets on");
    await expect(explanation.getByRole("listitem").filter({ hasText: "decides" })).toContainText(
      "targeting",
    );
    await expect(
      explanation.getByRole("row").filter({ hasText: "targeting.if[0]" }).first(),
    ).toContainText("true");
    await page.getByLabel("Attributes").fill("");
    await page.getByRole("button", { name: "Explain" }).click();
    await expect(explanation).toContainText("person:7 gets off");
  });
});

test("invites people, and takes an invitation back", async ({ page }) => {
  await withFlag(page, "invite", async (key) => {
    await page.goto(`/flags/${key}?tab=invitations`);
    await page.getByLabel("For how many people").fill("0");
    await page.getByRole("button", { name: "Create invitation" }).click();
    await expect(page.getByText("A whole number of people")).toBeVisible();
    await page.getByLabel("For how many people").fill("5");
    await page.getByRole("button", { name: "Create invitation" }).click();
    const invitation = page.getByRole("list", { name: "Invitations" }).getByRole("listitem");
    await expect(invitation).toContainText("0 of 5 used");
    await expect(invitation.getByLabel("Link of the invitation")).toHaveValue(
      new RegExp(`/\\?ff_${key}=1&ff_invite=`),
    );
    await invitation.getByRole("button", { name: "Revoke" }).click();
    await invitation.getByRole("button", { name: "Yes, revoke it" }).click();
    await expect(invitation).toContainText("revoked");
  });
});

test("a change that waits is shown with what it changes, and can be decided", async ({ page }) => {
  await withFlag(page, "wait", async (key) => {
    const change = {
      id: "0190b8a0-0000-7000-8000-000000000001",
      flagKey: key,
      action: "change",
      baseVersion: 1,
      body: { definition: { ...DEFINITION, defaultVariant: "on" } },
      comment: "On for everyone",
      status: "pending",
      requestedAt: "2026-01-01T00:00:00Z",
      requestedBy: "person:99",
    };
    let waiting = [change];
    await page.route("**/api/flag-changes?*", (route) =>
      route.fulfill({ json: { flagChanges: waiting, pagination: { hasMore: false } } }),
    );
    await page.route("**/api/flag-changes/*/reject", async (route) => {
      expect(route.request().postDataJSON()).toEqual({ reason: "not yet" });
      waiting = [];
      await route.fulfill({ json: { ...change, status: "rejected" } });
    });
    for (const path of ["/flags", `/flags/${key}`]) {
      await page.goto(path);
      const waits = page.getByRole("region", { name: "Waiting for a second person" });
      await expect(waits).toContainText("On for everyone");
      await expect(waits).toContainText('defaultVariant"off"→"on"');
      await expect(waits.getByRole("button", { name: "Approve" })).toBeVisible();
    }
    await page.getByRole("button", { name: "Reject…" }).click();
    await page.getByLabel("Why it is rejected").fill("not yet");
    await page.getByRole("button", { name: "Reject", exact: true }).click();
    await expect(page.getByText("Waiting for a second person")).toHaveCount(0);
  });
});

test("who may only look sees no switch, and which role it takes", async ({ page }) => {
  await page.route("**/api/session", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), role: "viewer" } });
  });
  await page.goto(`/flags/${FEATURE}`);
  await expect(
    page.getByText("Changing flags needs the role operator; yours is viewer."),
  ).toBeVisible();
  await expect(page.getByLabel("Description")).toBeDisabled();
  await expect(page.getByRole("button", { name: /Kill/ })).toHaveCount(0);
});

const PAGES = {
  "the list": "/flags",
  "a new flag": "/flags?create=true",
  "a flag": `/flags/${FEATURE}`,
  "an explanation": `/flags/${FEATURE}?tab=try`,
  "the history": `/flags/${FEATURE}?tab=history`,
  "the invitations": `/flags/${FEATURE}?tab=invitations`,
  "the kill dialog": "/flags",
};

for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, path] of Object.entries(PAGES)) {
    test(`${name} is accessible and fits at 360 pixels, ${colorScheme}`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 800 });
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByLabel("Loading")).toHaveCount(0);
      if (name === "an explanation") {
        await page.getByRole("button", { name: "Explain" }).click();
        await expect(page.getByRole("region", { name: "Explanation" })).toBeVisible();
      }
      if (name === "a new flag") await page.getByRole("button", { name: "Create flag" }).click();
      if (name === "the kill dialog") {
        await page.getByRole("button", { name: "Kill lot-level MOIC" }).click();
        await page.getByRole("button", { name: "Kill for everyone" }).click();
        await expect(page.getByText("Say why")).toBeVisible();
      }
      await page.screenshot({ path: info.outputPath("page.png"), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(sideways, "the page itself does not scroll sideways").toBe(0);
    });
  }
}
