import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { CompanyEvent } from "./event";
import type { CaseDocument } from "./exit-case";
import type { Company, Investment, Lot } from "./wire";

const RECORDS_PER_PAGE = 100;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null | undefined;
}

/** All pages of a list, one after the other: a company or a fund has few enough records to be shown as a whole. */
async function everyPage<Item>(
  load: (query: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await load({ limit: RECORDS_PER_PAGE, ...(cursor ? { cursor } : {}) });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return items;
}

export function companyQuery(fundId: number, companyId: number) {
  const params = { path: { fundId, companyId } };
  return queryOptions({
    queryKey: ["funds", fundId, "companies", companyId],
    queryFn: ({ signal }): Promise<Company> =>
      body(api.GET("/api/funds/{fundId}/companies/{companyId}", { params, signal })),
  });
}

/** Every company of a fund. */
export function companiesQuery(fundId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "companies"],
    queryFn: ({ signal }): Promise<Company[]> =>
      everyPage(async (query) => {
        const params = { path: { fundId }, query };
        const page = await body(api.GET("/api/funds/{fundId}/companies", { params, signal }));
        return { items: page.companies, nextCursor: page.pagination.nextCursor };
      }),
  });
}

export function lotsQuery(fundId: number, companyId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "companies", companyId, "lots"],
    queryFn: ({ signal }): Promise<Lot[]> =>
      everyPage(async (query) => {
        const params = { path: { fundId }, query: { companyId, ...query } };
        const page = await body(api.GET("/api/funds/{fundId}/portfolio/lots", { params, signal }));
        return { items: page.lots, nextCursor: page.pagination.nextCursor };
      }),
  });
}

export function investmentsQuery(fundId: number, companyId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "companies", companyId, "investments"],
    queryFn: ({ signal }): Promise<Investment[]> =>
      everyPage(async (query) => {
        const params = { path: { fundId }, query: { companyId, ...query } };
        const page = await body(api.GET("/api/funds/{fundId}/investments", { params, signal }));
        return { items: page.investments, nextCursor: page.pagination.nextCursor };
      }),
  });
}

export function eventsQuery(fundId: number, companyId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "companies", companyId, "events"],
    queryFn: ({ signal }): Promise<CompanyEvent[]> =>
      everyPage(async (query) => {
        const params = { path: { fundId, companyId }, query };
        const url = "/api/funds/{fundId}/companies/{companyId}/events";
        const page = await body(api.GET(url, { params, signal }));
        // The description leaves an event's own fields open; each is checked where it is read.
        const items = page.events as unknown as CompanyEvent[];
        return { items, nextCursor: page.pagination.nextCursor };
      }),
  });
}

export function exitCasesQuery(fundId: number, companyId: number) {
  const params = { path: { fundId, companyId } };
  return queryOptions({
    queryKey: ["funds", fundId, "companies", companyId, "exit-cases"],
    queryFn: async ({ signal }) => {
      const url = "/api/funds/{fundId}/companies/{companyId}/exit-cases";
      const { exitCases } = await body(api.GET(url, { params, signal }));
      // As with events: the portfolio document's own shape, which the description leaves open.
      return exitCases as unknown as CaseDocument[];
    },
  });
}

/**
 * The lenses with their lots and planned reserves. `isOn` is a part of the key: a kill or a restore asks anew, and neither
 * shows the other's answer.
 */
export function lotLensesQuery(fundId: number, asOf: string | undefined, isOn: boolean) {
  const params = { path: { fundId }, query: asOf === undefined ? {} : { asOf } };
  return queryOptions({
    queryKey: ["funds", fundId, "lot-lenses", asOf ?? "today", isOn],
    queryFn: ({ signal }) =>
      body(api.GET("/api/funds/{fundId}/portfolio/lots/moic", { params, signal })),
  });
}
