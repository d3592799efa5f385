import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { components } from "../api/schema";

/** A company of a fund, as the server has it. */
export type Company = components["schemas"]["Company"];

const COMPANIES_PER_PAGE = 100;

/** All companies of a fund, for what the report does not say of them: their stages. */
export function companiesQuery(fundId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "companies"],
    queryFn: async ({ signal }): Promise<Company[]> => {
      const companies: Company[] = [];
      let cursor: string | undefined;
      do {
        const query = { limit: COMPANIES_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
        const params = { path: { fundId }, query };
        const page = await body(api.GET("/api/funds/{fundId}/companies", { params, signal }));
        companies.push(...page.companies);
        cursor = page.pagination.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return companies;
    },
  });
}
