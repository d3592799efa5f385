import { test as base, expect, type Page } from "@playwright/test";

/** Where the session of the one-time link is kept for all tests. */
export const SESSION = "test-results/session.json";
export const FEATURE = "enableLotLevelMoic";

/** Every page is watched: a request to another origin or a breach of the content security policy fails its test. */
export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ page, baseURL }, use) => {
      const breaches: string[] = [];
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (url.protocol.startsWith("http") && url.origin !== baseURL) breaches.push(url.href);
      });
      page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) breaches.push(message.text());
      });
      page.on("pageerror", (error) => breaches.push(String(error)));
      await use(undefined);
      expect(breaches).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Opens the first fund and waits until its lenses are shown. */
export async function openFund(page: Page, search = ""): Promise<void> {
  await page.goto("/");
  await page.waitForURL(/\/funds\/\d+/);
  if (search !== "") await page.goto(`${new URL(page.url()).pathname}${search}`);
  await expect(page.getByRole("grid")).toBeVisible();
}

/** Calls the API as the page would, session and origin included. */
export async function callApi(page: Page, method: string, path: string, body?: object) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { "Content-Type": "application/json" };
      const init =
        body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
      const response = await fetch(path, init);
      return { status: response.status, body: await response.json() };
    },
    [method, path, body] as const,
  );
}
