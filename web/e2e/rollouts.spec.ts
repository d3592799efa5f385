import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { callApi, expect, test } from "./lotwise";

/** A flag of its own, so that the features that other tests need stay as they are. */
const FLAG = "rehearsalOfTheRolloutPages";
const DEFINITION = {
  state: "ENABLED",
  variants: { on: true, off: false },
  defaultVariant: "off",
};

/** Soaks of days, and nothing of a flag that no request is counted for: nothing but a command moves it while a test looks. */
const POLICY = `
name = "rehearsal-of-the-pages"
flag = "${FLAG}"

[criteria.pool]
metric = "poolInUse"
at_most = 0.99

[triggers.critical-report]
class = "manual"

[[phases]]
name = "canary"
environment = "development"
percent = 10
min_soak = "2d"
max_soak = "8d"
criteria = ["pool"]
checks = ["feedback"]
approval = true
triggers = ["critical-report"]

[[phases]]
name = "expanded"
environment = "development"
percent = 50
min_soak = "2d"
max_soak = "8d"
criteria = ["pool"]
triggers = ["critical-report"]
`;

async function createFlag(page: Page): Promise<void> {
  await page.goto("/rollouts");
  const found = await callApi(page, "GET", `/api/flags/${FLAG}`);
  if (found.status === 200 && !found.body.archived) return;
  const flag = { key: FLAG, definition: DEFINITION };
  expect((await callApi(page, "POST", "/api/flags", flag)).status).toBe(201);
}

/** Starts a rollout over the API and answers its id. */
async function start(page: Page): Promise<string> {
  await createFlag(page);
  await end(page);
  const answer = await callApi(page, "POST", "/api/rollouts", { policy: POLICY });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

/** A flag cannot be deleted; archived it is out of the way of other tests. */
async function archiveFlag(page: Page, version: number): Promise<void> {
  expect((await callApi(page, "DELETE", `/api/flags/${FLAG}`, { version })).status).toBe(200);
}

/** Rolls back whatever rollout of the flag still goes on, so that the flag is off as it was. */
async function end(page: Page): Promise<void> {
  const { body } = await callApi(page, "GET", `/api/rollouts?flag=${FLAG}`);
  for (const { id, endedAt } of body.rollouts) {
    if (endedAt !== null) continue;
    const said = { reason: "the end of a browser test" };
    await callApi(page, "POST", `/api/rollouts/${id}/rollback`, said);
    await expect
      .poll(async () => (await callApi(page, "GET", `/api/rollouts/${id}`)).body.stage)
      .toBe("RolledBack");
  }
}

async function open(page: Page, id: string, search = ""): Promise<void> {
  await page.goto(`/rollouts/${id}${search}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(FLAG);
}

/** Presses a command, gives a reason and confirms. */
async function say(page: Page, command: string, confirm: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: command, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: confirm, exact: true }).click();
  await expect(dialog).toHaveCount(0);
}

test.afterEach(async ({ page }) => {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.goto("/rollouts");
  await end(page);
  const { status, body } = await callApi(page, "GET", `/api/flags/${FLAG}`);
  if (status === 200 && !body.archived) await archiveFlag(page, body.version);
});

test("a rollout says what it waits for, what comes next, and how to stop it", async ({ page }) => {
  const id = await start(page);
  await expect
    .poll(async () => (await callApi(page, "GET", `/api/rollouts/${id}`)).body.stage)
    .not.toBe("Entering");
  await open(page, id);
  const { body } = await callApi(page, "GET", `/api/rollouts/${id}`);
  const standing = page.getByRole("region", { name: "How it stands" });
  await expect(standing).toContainText(body.assessment.waitingFor.split(". ")[0]);
  await expect(standing).toContainText(body.assessment.next);
  await expect(standing).toContainText("no request of the treatment was seen");

  const phases = page.getByRole("list", { name: "Phases" }).getByRole("listitem");
  await expect(phases).toHaveCount(2);
  await expect(phases.nth(0)).toHaveAttribute("aria-current", "step");
  await expect(phases.nth(0)).toContainText("of 2 d to 8 d");
  await expect(page.getByRole("region", { name: "To be shown" })).toContainText("pool");
  const triggers = page.getByRole("region", { name: "What stops it" });
  await expect(triggers).toContainText("critical-report");
});

test("holds, resumes and rolls back, each with its reason in the log", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  await say(page, "Hold", "Hold", "support is asking about marks");
  await expect(page.getByText("Held: manual", { exact: true })).toBeVisible();
  await expect(page.getByRole("region", { name: "How it stands" })).toContainText(
    "An operator said so: support is asking about marks.",
  );
  await say(page, "Resume", "Resume", "it was a question of dates");
  await expect(page.getByText("Held: manual", { exact: true })).toHaveCount(0);

  await say(page, "Roll back", "Roll back now", "marks are doubled");
  await expect(page.getByText("Rolled back", { exact: true }).first()).toBeVisible();
  const rollback = page.getByRole("region", { name: "Rollback" });
  await expect(rollback.getByRole("listitem").first()).toContainText(/Decide.*s/);
  await expect(page.getByText("It was rolled back, and that is proven.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Roll back", exact: true })).toHaveCount(0);
  await expect(page.getByRole("list", { name: "Decisions" })).toContainText("marks are doubled");

  const flag = await callApi(page, "GET", `/api/flags/${FLAG}`);
  expect(flag.body.definition).toEqual(DEFINITION);

  await page.getByRole("tab", { name: "History" }).click();
  await expect(page).toHaveURL(/show=history/);
  const history = page.getByRole("region", { name: "History" });
  await expect(history).toContainText("Asked to hold: support is asking about marks");
  await expect(history).toContainText("Resumed: it was a question of dates");
  await expect(page.getByText("Verified: every entry has its hash")).toBeVisible();
});

test("opens a decision's numbers, and keeps what is open in the address", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  await say(page, "Hold", "Hold", "for a look at its numbers");
  await page.getByRole("button", { name: "By which numbers?" }).click();
  await expect(page.getByText(/Seen since the phase was entered/)).toBeVisible();
  await page.reload();
  await expect(page.getByText(/Seen since the phase was entered/)).toBeVisible();
});

test("signs checks and approves", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  const checks = page.getByRole("region", { name: "Checks to sign" });
  await checks.getByRole("button", { name: "Sign feedback" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign feedback" });
  await dialog.getByLabel("What it rests on").fill("twelve interviews");
  await dialog.getByLabel("Counts until").fill("2099-12-31T12:00");
  await dialog.getByRole("button", { name: "Sign", exact: true }).click();
  await expect(checks).toContainText(/Good, says .*until 2099-12-31.*: twelve interviews/);

  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await page.getByRole("dialog").getByLabel("What it rests on").fill("board of 3 May");
  await page.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(checks).toContainText("2 of 2 there");
  await expect(page.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
});

test("a command needs a reason, and a refusal keeps what was typed", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  await page.getByRole("button", { name: "Hold", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Hold", exact: true }).click();
  await expect(dialog.getByText("Reason is missing.")).toBeVisible();

  await page.route("**/hold", (route) =>
    route.fulfill({
      status: 403,
      contentType: "application/problem+json",
      headers: { "X-Request-Id": "request-of-the-test" },
      json: { error: "forbidden", message: "this needs the role operator; yours is viewer" },
    }),
  );
  await dialog.getByLabel("Reason").fill("typed once");
  await dialog.getByRole("button", { name: "Hold", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("this needs the role operator");
  await expect(dialog.getByRole("alert")).toContainText("request-of-the-test");
  await expect(dialog.getByLabel("Reason")).toHaveValue("typed once");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Hold", exact: true })).toBeFocused();
});

test("a command that comes too late is told from a failure", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  await page.getByRole("button", { name: "Hold", exact: true }).click();
  await callApi(page, "POST", `/api/rollouts/${id}/hold`, { reason: "somebody was quicker" });
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("too late");
  await dialog.getByRole("button", { name: /^Hold/ }).click();
  await expect(dialog.getByRole("alert")).toContainText(
    "It does not go with where things stand now",
  );
  await expect(dialog.getByRole("alert")).toContainText("it is held already");
});

test("faults are let into the treatment and taken away, as a rehearsal", async ({ page }) => {
  const id = await start(page);
  await open(page, id);
  const panel = page.getByRole("region", { name: "Rehearsal: faults on purpose" });
  try {
    await panel.getByLabel("Failing, %").fill("120");
    await panel.getByRole("button", { name: "Let into the treatment" }).click();
    await expect(panel.getByRole("alert")).toContainText("from 0 to 100");
    await panel.getByLabel("Failing, %").fill("5");
    await panel.getByRole("button", { name: "Let into the treatment" }).click();
    await expect(panel).toContainText("5.00 % of the treatment's requests fail");
    const { body } = await callApi(page, "GET", "/api/faults");
    expect(body.faults.treatment.errorRate).toBeCloseTo(0.05);
    expect(body.faults.control.errorRate).toBe(0);
    await panel.getByRole("button", { name: "Take the faults away" }).click();
    await expect(panel).toContainText("No faults are let in.");
  } finally {
    await callApi(page, "DELETE", "/api/faults");
  }
});

test("a server that lets no faults in shows no rehearsal", async ({ page }) => {
  const id = await start(page);
  await page.route("**/api/faults", (route) =>
    route.fulfill({ status: 409, json: { error: "conflict", message: "no faults here" } }),
  );
  await open(page, id);
  await expect(page.getByRole("region", { name: "What stops it" })).toBeVisible();
  await expect(page.getByText("Rehearsal: faults on purpose")).toHaveCount(0);
});

/** Ticks as the server writes them: the treatment fails once in ten, the control never. */
function evidence(): string {
  const latency = { "0.05": 90, "0.1": 99, "+Inf": 100 };
  const line = (index: number) => ({
    at: new Date(Date.now() - (8 - index) * 15_000).toISOString(),
    control: { requests: 100, failures: 0, latency },
    treatment: { requests: 100, failures: 10, latency },
    shared: { poolInUse: 0.4, queueDepth: 3 },
    source: "ok",
  });
  return Array.from({ length: 8 }, (_, index) => JSON.stringify(line(index))).join("\n");
}

test("both arms are charts and, for those who cannot see them, a table", async ({ page }) => {
  const id = await start(page);
  await page.route("**/evidence?*", (route) =>
    route.fulfill({ contentType: "application/x-ndjson", body: evidence() }),
  );
  await open(page, id);
  const arms = page.getByRole("region", { name: "Both arms", exact: true });
  await expect(arms.locator("figure")).toHaveCount(4);
  await expect(arms.locator("figure").first()).toContainText("10.00 %");
  await expect(arms).toContainText("Database connections in use40.00 %");
  await arms.getByText("The charts as a table").click();
  const table = page.getByRole("region", { name: "Both arms over time" });
  await expect(table.locator("tbody tr").first()).toContainText("treatment10010.00 %");
  await arms.getByText("6h", { exact: true }).click();
  await expect(page).toHaveURL(/span=6h/);
});

test("the list leads to a rollout, and is narrowed to a flag", async ({ page }) => {
  const id = await start(page);
  await page.goto(`/rollouts?flag=${FLAG}`);
  const rows = page.getByRole("region", { name: "Rollouts" }).locator("tbody tr");
  await expect(rows.first()).toContainText("canary, 1 of 2");
  await expect(rows.first()).toContainText("10 %");
  await rows.first().getByRole("link", { name: FLAG }).click();
  await expect(page).toHaveURL(new RegExp(`/rollouts/${id}`));
  await page.goto("/rollouts?flag=aFlagWithoutRollouts");
  await expect(page.getByText("No rollout of aFlagWithoutRollouts")).toBeVisible();
});

test("a policy's problems stand at their paths, and nothing typed is lost", async ({ page }) => {
  await createFlag(page);
  await page.goto("/rollouts/new");
  await page.getByLabel("One of my own").check();
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await expect(page.getByRole("alert")).toContainText("Write a policy");

  const broken = POLICY.replace('name = "canary"', 'name = "canary"\nsurprise = true');
  const policy = page.getByRole("textbox", { name: /^Policy, TOML/ });
  await policy.fill(broken);
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await expect(page.getByRole("alert")).toContainText(/phases\S*surprise/);
  await page.reload();
  await expect(policy).toHaveValue(broken);

  await policy.fill(POLICY);
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await expect(page).toHaveURL(/\/rollouts\/[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(FLAG);

  // What was started is no draft any more, and a second one is refused while the first goes on.
  await page.goto("/rollouts/new");
  await expect(page.getByLabel("One of my own")).not.toBeChecked();
  await page.getByLabel("One of my own").check();
  await policy.fill(POLICY);
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await expect(page.getByRole("alert")).toContainText(`the flag ${FLAG} has the rollout`);
  await expect(policy).toHaveValue(POLICY);
});

test("a rollout that is not there says so", async ({ page }) => {
  await page.goto("/rollouts/00000000-0000-7000-8000-000000000000");
  await expect(page.getByText("There is no such rollout")).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 360]) {
    test(`the pages are accessible and fit at ${width} pixels, ${colorScheme}`, async ({
      page,
    }) => {
      // Seven views, each of which axe looks at.
      test.slow();
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const id = await start(page);
      await page.route("**/evidence?*", (route) =>
        route.fulfill({ contentType: "application/x-ndjson", body: evidence() }),
      );
      for (const show of ["decisions", "comparison", "history", "policy"]) {
        await open(page, id, `?show=${show}`);
        await expect(page.locator("figure")).toHaveCount(4);
        await expect(page.getByLabel("Loading")).toHaveCount(0);
        await isGood(page);
      }
      await page.getByRole("button", { name: "Roll back", exact: true }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await isGood(page);
      for (const path of ["/rollouts", "/rollouts/new"]) {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByLabel("Loading")).toHaveCount(0);
        await isGood(page);
      }
    });
  }
}

async function isGood(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations).toEqual([]);
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, "the page itself does not scroll sideways").toBe(0);
}
