import type { Page } from "@playwright/test";
import { callApi, expect, FEATURE, openFund, serveWithoutEvaluation, test } from "./lotwise";

/** What only the page with the seven lenses has, and what only the page without them has. */
const SEVEN_LENSES =
  "[role=grid], [aria-labelledby=performance], [aria-labelledby=seven-lenses] dl";
const LEGACY_ONLY = "[aria-label='Simple MOIC by company, gross'], button[data-on=false]";

/** Notes every element of these that is ever in the page, however short. */
async function watchElements(page: Page, selector: string): Promise<() => Promise<string[]>> {
  await page.addInitScript((selector) => {
    const seen: string[] = [];
    Object.assign(window, { seenElements: seen });
    new MutationObserver(() => {
      for (const element of document.querySelectorAll(selector)) {
        seen.push(element.outerHTML.slice(0, 120));
      }
    }).observe(document, { childList: true, subtree: true, attributes: true });
  }, selector);
  return () => page.evaluate(() => (window as unknown as { seenElements: string[] }).seenElements);
}

/** Answers of the server about flags do not come: only what the page was served with counts. */
async function silenceFlags(page: Page): Promise<void> {
  await page.route(/\/api\/client-state|\/ofrep\//, () => undefined);
}

function noteLensRequests(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/lots/moic")) asked.push(request.url());
  });
  return asked;
}

async function switchFlag(page: Page, way: "kill" | "restore"): Promise<void> {
  const reason = "a browser test of the first paint";
  const answer = await callApi(page, "POST", `/api/flags/${FEATURE}/${way}`, { reason });
  expect(answer.status).toBe(200);
}

async function expectSimple(page: Page): Promise<void> {
  await expect(page.getByRole("region", { name: "Simple MOIC by company, gross" })).toBeVisible();
}

test("with the flag on no frame shows the page without the lenses", async ({ page }) => {
  await openFund(page);
  const seen = await watchElements(page, LEGACY_ONLY);
  await silenceFlags(page);
  await page.reload();
  await expect(page.getByRole("grid")).toBeVisible();
  expect(await seen()).toEqual([]);
});

test("with the flag off no frame shows a lens, and none is asked for", async ({
  page,
  browser,
}) => {
  await openFund(page);
  const fund = page.url();
  await switchFlag(page, "kill");
  try {
    const storageState = await page.context().storageState();
    const visitor = await browser.newPage({ storageState });
    const seen = await watchElements(visitor, SEVEN_LENSES);
    const asked = noteLensRequests(visitor);
    await silenceFlags(visitor);
    await visitor.goto(fund);
    await expectSimple(visitor);
    expect(await seen()).toEqual([]);
    expect(asked).toEqual([]);
    await visitor.close();
  } finally {
    await switchFlag(page, "restore");
  }
});

test("who left in this browser sees no lens either, whatever the page was served with", async ({
  page,
}) => {
  await openFund(page);
  await page.evaluate((key) => localStorage.setItem(key, "0"), `ff_${FEATURE}`);
  const seen = await watchElements(page, SEVEN_LENSES);
  const asked = noteLensRequests(page);
  await page.reload();
  await expectSimple(page);
  expect(await seen()).toEqual([]);
  expect(asked).toEqual([]);
});

test("a page that was served to a stranger waits for its flags before it asks for lenses", async ({
  page,
}) => {
  await openFund(page);
  await serveWithoutEvaluation(page);
  const asked = noteLensRequests(page);
  let answer: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/ofrep/v1/evaluate/flags", async (route) => {
    await slow;
    const metadata = { disabledMessage: "Not for you" };
    const flag = { key: FEATURE, value: false, variant: "off", reason: "STATIC", metadata };
    await route.fulfill({ json: { flags: [flag] } });
  });
  const seen = await watchElements(page, SEVEN_LENSES);
  await page.reload();
  await expect(page.getByRole("region", { name: "Simple MOIC", exact: true })).toContainText(
    "Invested",
  );
  answer();
  await expectSimple(page);
  expect(await seen()).toEqual([]);
  expect(asked).toEqual([]);
});
