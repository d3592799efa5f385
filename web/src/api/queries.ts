import { QueryClient, queryOptions } from "@tanstack/react-query";
import { lensReport } from "../lenses/report";
import { api, body } from "./client";
import { RequestFailed } from "./problem";
import type { ClientState, Fund } from "./wire";

const SECOND = 1000;
/** How soon a page that nobody touches notices a kill or a restore. */
const CLIENT_STATE_INTERVAL_MS = 5 * SECOND;
const FRESH_FOR_MS = 30 * SECOND;
const FUNDS_PER_PAGE = 100;
const RETRIES_MAX = 2;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_FOR_MS,
        retry: (failures, error) =>
          error instanceof RequestFailed && error.isPassing && failures < RETRIES_MAX,
      },
    },
  });
}

export const fundsQuery = queryOptions({
  queryKey: ["funds"],
  queryFn: async ({ signal }): Promise<Fund[]> => {
    const funds: Fund[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: FUNDS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
      const page = await body(api.GET("/api/funds", { params: { query }, signal }));
      funds.push(...page.funds);
      cursor = page.pagination.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return funds;
  },
});

export function legacyMoicQuery(fundId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "moic"],
    queryFn: ({ signal }) =>
      body(api.GET("/api/funds/{fundId}/moic", { params: { path: { fundId } }, signal })),
  });
}

/** The time machine: as of which date, from what was known at which instant. */
export interface Moment {
  readonly asOf?: string | undefined;
  readonly knownAt?: string | undefined;
}

/** A moment as the API's parameters have it. */
export function momentParameters({ asOf, knownAt }: Moment) {
  return { ...(asOf ? { asOf } : {}), ...(knownAt ? { knownAt } : {}) };
}

export function lensesQuery(fundId: number, { asOf, knownAt }: Moment) {
  const params = { path: { fundId }, query: momentParameters({ asOf, knownAt }) };
  return queryOptions({
    queryKey: ["funds", fundId, "lenses", asOf ?? "today", knownAt ?? "now"],
    queryFn: async ({ signal }) =>
      lensReport(
        await body(api.GET("/api/funds/{fundId}/portfolio/lots/moic", { params, signal })),
      ),
  });
}

export const clientStateQuery = queryOptions({
  queryKey: ["client-state"],
  queryFn: ({ signal }): Promise<ClientState> => body(api.GET("/api/client-state", { signal })),
  refetchInterval: CLIENT_STATE_INTERVAL_MS,
  // The page may have been served with it a moment ago.
  staleTime: CLIENT_STATE_INTERVAL_MS,
});

/** Trades a token for a session cookie, which the browser keeps and no script can read. */
export async function signIn(token: string): Promise<void> {
  await body(api.POST("/api/session", { body: { token } }));
}

/** Trades a name and a password for a session cookie. */
export async function signInAs(name: string, password: string): Promise<void> {
  await body(api.POST("/api/session", { body: { name, password } }));
}

/** How people can sign in here; anybody may know. */
export const signInMethodsQuery = queryOptions({
  queryKey: ["sign-in-methods"],
  queryFn: ({ signal }) => body(api.GET("/api/session/methods", { signal })),
});
