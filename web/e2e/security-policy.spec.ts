import { expect, openFund, test } from "./lotwise";

const PAGES = ["/reserves", "/snapshots", "/investments/new", "/companies/1"];
const HOUSE_PAGES = ["/flags", "/rollouts", "/rollouts/new", "/health", "/settings", "/nowhere"];

// What breaks the policy, and what leaves the origin, fails any test: see `lotwise.ts`.

test("no page breaks its security policy, which allows no inline script or style", async ({
  page,
}) => {
  test.slow();
  const policies = new Set<string>();
  page.on("response", (response) => {
    if (response.request().resourceType() === "document") {
      policies.add(response.headers()["content-security-policy"] ?? "none");
    }
  });
  await openFund(page);
  const fund = new URL(page.url()).pathname;
  for (const path of [...PAGES.map((path) => `${fund}${path}`), ...HOUSE_PAGES]) {
    await page.goto(path);
    await expect(page.getByRole("heading").first(), path).toBeVisible();
    await page.waitForLoadState("load");
  }
  for (const policy of policies) {
    expect(policy).toContain("script-src 'self'; style-src 'self';");
    expect(policy).not.toContain("unsafe");
  }
});

test("the documentation works under a policy of the same strictness", async ({ page }) => {
  await page.goto("/docs/");
  const operation = page.locator(".opblock", { hasText: "/api/funds/{fundId}/moic" }).first();
  await operation.click();
  await expect(operation.getByText("Parameters")).toBeVisible();
  await operation.getByRole("button", { name: "Try it out" }).click();
  await operation.getByPlaceholder("fundId").fill("1");
  await operation.getByRole("button", { name: "Execute" }).click();
  await expect(operation.getByText("Server response")).toBeVisible();
});
