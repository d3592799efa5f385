import { expect, test } from "./lotwise";

test("a visitor sees the rollout in its canary, lets a fault in, and watches it roll back", async ({
  page,
}) => {
  // Ticks of 15 seconds pass by themselves.
  test.setTimeout(240_000);
  await page.goto(process.env.LOTWISE_LOGIN_URL ?? "");
  await page.waitForURL(/\/funds\/\d+/);
  // The link invites the visitor, too: whoever opted in sees the canary's feature.
  await expect(page.getByRole("grid")).toBeVisible();

  await page.getByRole("link", { name: "Rollouts", exact: true }).click();
  const rows = page.getByRole("region", { name: "Rollouts" }).locator("tbody tr");
  await expect(rows.first()).toContainText("canary, 1 of 2");
  await rows.first().getByRole("link", { name: "enableLotLevelMoic" }).click();
  await expect(page.getByText("demo with simulated users")).toBeVisible();
  const arms = page.getByRole("region", { name: "Both arms", exact: true });
  await expect(arms.locator("figure").first()).toBeVisible({ timeout: 60_000 });

  const panel = page.getByRole("region", { name: "Rehearsal: faults on purpose" });
  await panel.getByLabel("Failing, %").fill("60");
  await panel.getByRole("button", { name: "Let into the treatment" }).click();
  await expect(page.getByText("It was rolled back, and that is proven.")).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByRole("list", { name: "Decisions" })).toContainText(
    "The treatment fails more often than the control",
  );

  // They outlive the rollout, and the next one would go back, too.
  await panel.getByRole("button", { name: "Take the faults away" }).click();
  await expect(panel).toHaveCount(0);

  await page.getByRole("link", { name: "Portfolio", exact: true }).click();
  await expect(page.getByText("The lot-level MOIC feature is currently disabled.")).toBeVisible();
});
