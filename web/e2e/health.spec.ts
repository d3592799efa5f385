import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "./lotwise";

async function openHealth(page: Page): Promise<void> {
  await page.goto("/health");
  await expect(page.getByRole("heading", { name: "Health", level: 1 })).toBeVisible();
  await expect(
    page.getByRole("region", { name: "Requests by flag since the start" }),
  ).toBeVisible();
}

/** Lets the page read these metrics instead of some of the server's. */
async function changeMetrics(page: Page, change: (exposition: string) => string): Promise<void> {
  await page.route("**/metrics", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
}

test("shows what the server counts, and draws it as time goes on", async ({ page }) => {
  await openHealth(page);
  await expect(
    page.getByText(/^development · engine \d.* · read at \d\d:\d\d:\d\d UTC/),
  ).toBeVisible();
  const requests = page.getByRole("region", { name: "Guarded requests" });
  // Two readings make a rate.
  await expect(requests.getByRole("definition").first()).toHaveText(/^[\d.,]+$/, {
    timeout: 20_000,
  });
  await expect(requests.locator(".recharts-line-curve").first()).toBeAttached();
  const queue = page.getByRole("region", { name: "Snapshot queue" });
  await expect(queue.getByRole("definition")).toHaveCount(3);
  const flags = page.getByRole("region", { name: "Requests by flag since the start" });
  await expect(flags.getByRole("row", { name: /^enableLotLevelMoic/ })).toBeVisible();
});

test("shows all that a rollout is watched by, under its heading", async ({ page }) => {
  // Which six routes are the worst depends on what else is asked of this server meanwhile.
  await changeMetrics(page, (exposition) =>
    exposition
      .split("\n")
      .filter((line) => !line.includes('route="') || line.includes('route="/api/health"'))
      .join("\n"),
  );
  await openHealth(page);
  for (const name of [
    "Requests",
    "Rollout and both arms",
    "Lot-level MOIC",
    "Database",
    "Workers",
    "Process",
    "Feedback and tickets",
    "Since the process started",
  ]) {
    await expect(page.getByRole("heading", { name, level: 2, exact: true })).toBeVisible();
  }
  const database = page.getByRole("region", { name: "Database now" });
  await expect(database).toContainText(/Answers\s*yes/);
  await expect(database).toContainText(/Connections, reading\s*\d+ of \d+/);
  // Two readings tell what was gained between them.
  const requests = page.getByRole("region", { name: "Requests now" });
  await expect(requests).toContainText(/Refused for load\s*\d/, { timeout: 20_000 });
  const routes = page.getByRole("region", { name: "Routes, the worst first" });
  await expect(routes.getByRole("row", { name: /^GET \/api\/health / })).toBeVisible();
  const arms = page.getByRole("region", { name: "Both arms beside each other" });
  await expect(arms.getByRole("row", { name: /^Treatment/ })).toBeVisible();
  await expect(arms.getByRole("row", { name: /^Control/ })).toBeVisible();
  for (const name of ["Query time, P95", "Memory of the process", "Processor"]) {
    const chart = page.getByRole("region", { name, exact: true });
    await expect(chart.getByRole("definition").first()).toHaveText(/^[\d.,]+ ?(µs|ms|s|MB|%)$/);
  }
  await expect(page.getByText("database-pool-exhausted", { exact: true })).toBeVisible();
});

test("says what a server does not measure, and does not take it for trouble", async ({ page }) => {
  const isNew = /^(http|database|process|snapshot_queue|snapshot_cache|snapshot_job|lot_level)_/;
  await changeMetrics(page, (exposition) =>
    exposition
      .split("\n")
      .filter((line) => !isNew.test(line))
      .join("\n"),
  );
  await openHealth(page);
  const database = page.getByRole("region", { name: "Database now" });
  await expect(database.getByText("not measured")).toHaveCount(5);
  const arms = page.getByRole("region", { name: "Both arms beside each other" });
  await expect(arms.getByRole("row", { name: /^Treatment (not measured ?){6}$/ })).toBeVisible();
  const memory = page.getByRole("region", { name: "Memory of the process" });
  await expect(memory.getByRole("definition")).toHaveText("not measured");
  await expect(page.getByRole("region", { name: "Needs attention" })).toContainText("Nothing.");
});

test("calls for somebody where the database has no connection free, and names the page for it", async ({
  page,
}) => {
  let refused = 0;
  await changeMetrics(page, (exposition) => {
    refused += 3;
    return exposition.replace(
      /database_pool_exhausted_total \d+/,
      `database_pool_exhausted_total ${refused}`,
    );
  });
  await openHealth(page);
  const concern = page.getByRole("listitem").filter({ hasText: "no connection was free" });
  await expect(concern).toContainText("Firing", { timeout: 20_000 });
  await expect(concern).toContainText("docs/runbooks/database-pool-exhausted.md");
  const database = page.getByRole("region", { name: "Database now" });
  await expect(database).toContainText(/Refused, none free\s*[1-9]/);
});

test("begins the routes with the one that fails", async ({ page }) => {
  let failures = 0;
  await changeMetrics(page, (exposition) => {
    failures += 50;
    const failing = 'http_requests_total{method="POST",route="/api/imports",status="500"}';
    return exposition.replace("# EOF", `${failing} ${failures}\n# EOF`);
  });
  await openHealth(page);
  const routes = page.getByRole("region", { name: "Routes, the worst first" });
  await expect(routes.getByRole("row").nth(1)).toContainText("POST /api/imports", {
    timeout: 20_000,
  });
  await expect(
    page.getByRole("listitem").filter({ hasText: "of all requests failed" }),
  ).toBeVisible();
});

test("puts first what is not ready, with what to do", async ({ page }) => {
  const warning = "ENABLE_LOT_LEVEL_MOIC is neither true nor false";
  await page.route("**/readyz", (route) =>
    route.fulfill({
      status: 503,
      json: { status: "notReady", warnings: [warning], notReady: ["the database is away"] },
    }),
  );
  await openHealth(page);
  const concerns = page.getByRole("region", { name: "Needs attention" }).getByRole("listitem");
  await expect(concerns.first()).toContainText("Firing");
  await expect(concerns.first()).toContainText("Not ready: the database is away");
  await expect(concerns.first()).toContainText("lotwise doctor");
  await expect(concerns.filter({ hasText: warning })).toContainText("Notice");
});

test("names a killed flag and leads to it", async ({ page }) => {
  await changeMetrics(page, (exposition) =>
    exposition.replace(
      /feature_flag_killed\{flag_name="enableLotLevelMoic"\} \d/,
      'feature_flag_killed{flag_name="enableLotLevelMoic"} 1',
    ),
  );
  await openHealth(page);
  const concern = page.getByRole("listitem").filter({ hasText: "enableLotLevelMoic is killed" });
  await expect(concern).toContainText("Restore it once the cause is mended");
  await concern.getByRole("link", { name: "Open the flag" }).click();
  await expect(page).toHaveURL(/\/flags\/enableLotLevelMoic$/);
});

test("says where metrics are to be seen that are kept for the scraper", async ({ page }) => {
  await page.route("**/metrics", (route) =>
    route.fulfill({ status: 401, json: { error: "unauthenticated", message: "their token" } }),
  );
  await page.goto("/health");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("LOTWISE_METRICS_TOKEN");
  await page.unroute("**/metrics");
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("region", { name: "Guarded requests" })).toBeVisible();
});

test("an error names its request", async ({ page }) => {
  await page.route("**/api/health", (route) =>
    route.fulfill({
      status: 500,
      headers: { "X-Request-Id": "request-of-the-test" },
      json: { error: "internal", message: "The queue could not be read" },
    }),
  );
  await openHealth(page);
  await expect(page.getByRole("alert")).toContainText("The queue could not be read");
  await expect(page.getByRole("alert")).toContainText("request-of-the-test");
});

test("a server that is gone is the first thing said", async ({ page }) => {
  await openHealth(page);
  await page.route(/\/(readyz|metrics|api\/health)$/, (route) => route.abort());
  await expect(page.getByRole("listitem").first()).toContainText("The server does not answer", {
    timeout: 20_000,
  });
});

test("checks the audit log when asked, with the keyboard alone", async ({ page }) => {
  await openHealth(page);
  const audit = page.getByRole("region", { name: "Audit log" });
  await audit.getByRole("button", { name: "Check the chain" }).focus();
  await page.keyboard.press("Enter");
  await expect(audit.getByRole("status")).toContainText("Intact");
  await page.route("**/api/audit/verify", (route) =>
    route.fulfill({ json: { isIntact: false, firstBroken: 17 } }),
  );
  await audit.getByRole("button", { name: "Check again" }).press("Enter");
  await expect(audit.getByRole("status")).toContainText("Broken from entry 17 on");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 360]) {
    test(`health is accessible and fits at ${width} pixels, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.route("**/readyz", (route) =>
        route.fulfill({
          status: 503,
          json: { status: "notReady", warnings: ["a setting"], notReady: ["the database is away"] },
        }),
      );
      await openHealth(page);
      await expect(page.getByRole("listitem").first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      const sideways = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(sideways, "the page itself does not scroll sideways").toBe(0);
    });
  }
}
