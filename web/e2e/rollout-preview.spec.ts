import { expectAccessibleAndFitting } from "./appearance-check";
import { expect, test } from "./lotwise";

const POLICY = `[policy]
name = "Preview"
flag = "enableLotLevelMoic"
`;

test("plans and simulates a policy before it is started", async ({ page }, info) => {
  test.setTimeout(120_000);
  await page.goto("/rollouts/new");
  const preview = page.getByRole("region", { name: "Before it starts" });
  await preview.getByRole("button", { name: "Plan" }).click();
  await expect(preview.getByText(/is rolled back by a test with a probability/)).toBeVisible();
  const plan = preview.getByRole("region", { name: /^The plan in/ });
  await expect(plan.getByRole("row").nth(1)).toContainText(/about|never/);
  await preview.getByRole("button", { name: "Simulate" }).click();
  const simulated = preview.getByRole("region", { name: /^Simulated in/ });
  const unfinished = preview.getByText(/^Not enough time for/);
  await expect(simulated.or(unfinished).first()).toBeVisible({ timeout: 30_000 });
  await expectAccessibleAndFitting(page, info);
});

test("what is wrong with a policy stands at its path, and a busy server says so", async ({
  page,
}) => {
  await page.goto("/rollouts/new");
  await page.getByLabel("One of my own").check();
  const preview = page.getByRole("region", { name: "Before it starts" });
  await expect(preview.getByRole("button", { name: "Plan" })).toBeDisabled();
  await page.getByRole("textbox", { name: /^Policy, TOML/ }).fill(POLICY);
  await preview.getByRole("button", { name: "Plan" }).click();
  await expect(preview.getByRole("listitem").first()).toBeVisible();

  await page.getByLabel("The server's default").check();
  await page.route("**/api/rollouts/simulate", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      json: { error: "overloaded", message: "the server has more to do than it keeps up with" },
    }),
  );
  await preview.getByRole("button", { name: "Simulate" }).click();
  await expect(preview.getByRole("alert")).toContainText("more to do");
});
