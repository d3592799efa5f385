import type { Page } from "@playwright/test";
import { callApi, expect, FEATURE, serveWithoutEvaluation } from "./lotwise";

export interface OwnFund {
  readonly fundId: number;
  readonly companyId: number;
  /** Where the pages of the fund are. */
  readonly path: string;
}

/** A fund with nothing in it. */
export async function createEmptyFund(
  page: Page,
  name: string,
): Promise<Omit<OwnFund, "companyId">> {
  // Only a page of the origin carries the session.
  if (!page.url().startsWith("http")) await page.goto("/favicon.svg");
  const fundId = await created(page, "/api/funds", { name, currency: "USD" });
  return { fundId, path: `/funds/${fundId}` };
}

/** A fund with one company for a test that writes, so that it disturbs no other. */
export async function createOwnFund(page: Page, name: string): Promise<OwnFund> {
  const { fundId, path } = await createEmptyFund(page, name);
  const companies = `/api/funds/${fundId}/companies`;
  const companyId = await created(page, companies, { name: "Testing Grounds", sector: "Security" });
  return { fundId, companyId, path };
}

async function created(page: Page, path: string, body: object): Promise<number> {
  const answer = await callApi(page, "POST", path, body);
  expect(answer.status).toBe(201);
  return answer.body.id;
}

/** A cheque and its lot in a company, and the exit cases and the mark that give it every lens. */
export async function invest(page: Page, { fundId, companyId }: OwnFund): Promise<void> {
  const investmentId = await created(page, `/api/funds/${fundId}/investments`, {
    companyId,
    round: "Seed",
    investmentDate: "2022-01-31",
    amountCents: "100000000",
  });
  const lot = await callApi(page, "POST", `/api/funds/${fundId}/portfolio/lots`, {
    investmentId,
    lotType: "initial",
    shareClass: "Seed",
    purchaseDate: "2022-01-31",
    sharesAcquired: "500000",
    sharePriceCents: "200",
  });
  expect(lot.status).toBe(201);
  await mark(page, { fundId, companyId }, "2022-06-30", "300");
}

export async function mark(
  page: Page,
  { fundId, companyId }: Pick<OwnFund, "fundId" | "companyId">,
  date: string,
  sharePriceCents: string,
): Promise<void> {
  const path = `/api/funds/${fundId}/companies/${companyId}/events`;
  const event = { type: "mark", date, shareClass: "Seed", sharePriceCents };
  expect((await callApi(page, "POST", path, event)).status).toBe(201);
}

/** What a guarded route answers while the feature is off. */
export const FEATURE_DISABLED = {
  status: 503,
  contentType: "application/problem+json",
  json: {
    error: "feature_disabled",
    message: "The lot-level MOIC feature is currently disabled",
    feature: FEATURE,
    fallback: {
      endpoint: "/api/funds/1/moic",
      description: "Use legacy MOIC endpoint for basic calculations",
    },
  },
};

/** Makes the page believe that the feature is off for the one who looks, without turning it off for everyone. */
export async function turnOffForPage(page: Page): Promise<void> {
  await serveWithoutEvaluation(page);
  await page.route("**/api/client-state", async (route) => {
    const response = await route.fetch();
    const state = await response.json();
    state.flags[FEATURE].enabled = false;
    await route.fulfill({ response, json: state });
  });
}
