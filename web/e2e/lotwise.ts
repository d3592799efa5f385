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
      // Chromium's console tells of it, too, but not of what a policy merely reports.
      await page.exposeFunction("noteBreach", (breach: string) => breaches.push(breach));
      await page.addInitScript(() => {
        const { noteBreach } = window as unknown as { noteBreach: (breach: string) => void };
        window.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
          noteBreach(`${violatedDirective} ${blockedURI}`),
        );
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

/** Serves the page without the flags' first evaluation, as to a stranger: it then asks for them by itself. */
export async function serveWithoutEvaluation(page: Page): Promise<void> {
  const isPage = ({ pathname }: URL) => !/^\/(api|ofrep|assets)\/|\.\w+$/.test(pathname);
  await page.route(isPage, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const body = html.replace(/<script type="application\/json".*?<\/script>/s, "");
    await route.fulfill({ response, body });
  });
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
