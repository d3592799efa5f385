import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { readTicks, type Tick } from "../evidence/tick";
import { isEnd } from "./stage";
import type {
  AuditEntry,
  Decision,
  Pagination,
  PhaseComparison,
  Rollout,
  RolloutPage,
} from "./wire";

const SECOND = 1000;
/** How soon an open page sees what the controller does. */
const LIVE_INTERVAL_MS = 3 * SECOND;
const LIST_INTERVAL_MS = 10 * SECOND;
/** A tick of evidence comes every 15 seconds. */
const TICK_INTERVAL_MS = 15 * SECOND;
const ROLLOUTS_PER_PAGE = 50;
const DECISIONS_PER_PAGE = 50;
const ENTRIES_PER_PAGE = 100;

export function rolloutsQuery(flag: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ["rollouts", "list", flag ?? "all"],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: ROLLOUTS_PER_PAGE,
        ...(flag === undefined ? {} : { flag }),
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      };
      const page = body(api.GET("/api/rollouts", { params: { query }, signal }));
      return page as Promise<unknown> as Promise<RolloutPage>;
    },
    getNextPageParam: ({ pagination }) => pagination.nextCursor ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ rollouts }) => rollouts.some(({ stage }) => !isEnd(stage)))
        ? LIST_INTERVAL_MS
        : false,
  });
}

export function rolloutQuery(rolloutId: string) {
  const params = { path: { rolloutId } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId],
    queryFn: ({ signal }) => {
      const rollout = body(api.GET("/api/rollouts/{rolloutId}", { params, signal }));
      return rollout as Promise<unknown> as Promise<Rollout>;
    },
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data && isEnd(state.data.stage) ? false : LIVE_INTERVAL_MS,
  });
}

/**
 * Evidence of the last `spanSeconds` before `endedAt`, or before now while the rollout goes on. A tick weighs some kilobytes,
 * so what is there already is not asked for again.
 */
export function evidenceQuery(rolloutId: string, spanSeconds: number, endedAt: string | null) {
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "evidence", spanSeconds, endedAt],
    queryFn: async ({ client, queryKey, signal }): Promise<readonly Tick[]> => {
      const until = endedAt === null ? Date.now() : Date.parse(endedAt);
      const start = new Date(until - spanSeconds * SECOND).toISOString();
      const known = (client.getQueryData<readonly Tick[]>(queryKey) ?? []).filter(
        ({ instant }) => instant > start,
      );
      const params = { path: { rolloutId }, query: { after: known.at(-1)?.instant ?? start } };
      const path = "/api/rollouts/{rolloutId}/evidence";
      const lines = await body(api.GET(path, { params, signal, parseAs: "text" }));
      return [...known, ...readTicks(lines)];
    },
    refetchInterval: endedAt === null ? TICK_INTERVAL_MS : false,
    placeholderData: keepPreviousData,
  });
}

// What follows changes with the rollout's version, and only then.

export function decisionsQuery(rolloutId: string, version: number) {
  const params = { path: { rolloutId }, query: { limit: DECISIONS_PER_PAGE } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "decisions", version],
    queryFn: async ({ signal }) => {
      const path = "/api/rollouts/{rolloutId}/decisions";
      const { decisions } = await body(api.GET(path, { params, signal }));
      return decisions as unknown as readonly Decision[];
    },
    placeholderData: keepPreviousData,
  });
}

export function explanationQuery(rolloutId: string, sequence: number) {
  const params = { path: { rolloutId }, query: { sequence } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "explanation", sequence],
    queryFn: ({ signal }) => body(api.GET("/api/rollouts/{rolloutId}/explain", { params, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function comparisonQuery(rolloutId: string, version: number) {
  const params = { path: { rolloutId } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "comparison", version],
    queryFn: async ({ signal }) => {
      const path = "/api/rollouts/{rolloutId}/comparison";
      const { phases } = await body(api.GET(path, { params, signal }));
      return phases as unknown as readonly PhaseComparison[];
    },
    placeholderData: keepPreviousData,
  });
}

export function historyQuery(rolloutId: string, version: number) {
  return infiniteQueryOptions({
    queryKey: ["rollouts", rolloutId, "audit", version],
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const cursor = pageParam === undefined ? {} : { cursor: pageParam };
      const params = { path: { rolloutId }, query: { limit: ENTRIES_PER_PAGE, ...cursor } };
      const page = await body(api.GET("/api/rollouts/{rolloutId}/audit", { params, signal }));
      return page as { audit: readonly AuditEntry[]; pagination: Pagination };
    },
    getNextPageParam: ({ pagination: { nextCursor } }) =>
      typeof nextCursor === "string" ? Number(nextCursor) : undefined,
    placeholderData: keepPreviousData,
  });
}

/** Whether the audit log is as it was written, and every decision comes out the same when it is made again. */
export function verificationQuery(rolloutId: string, version: number) {
  const params = { path: { rolloutId } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "verification", version],
    queryFn: async ({ signal }) => {
      const [log, replay] = await Promise.all([
        body(api.GET("/api/audit/verify", { signal })),
        body(api.GET("/api/rollouts/{rolloutId}/replay", { params, signal })),
      ]);
      return { log, replay };
    },
    placeholderData: keepPreviousData,
  });
}

export function policyQuery(rolloutId: string) {
  const params = { path: { rolloutId } };
  return queryOptions({
    queryKey: ["rollouts", rolloutId, "policy"],
    queryFn: ({ signal }) => body(api.GET("/api/rollouts/{rolloutId}/policy", { params, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Faults on purpose. A refusal means that this server, or this person's role, lets none in. */
export const faultsQuery = queryOptions({
  queryKey: ["faults"],
  queryFn: ({ signal }) => body(api.GET("/api/faults", { signal })),
  retry: false,
  refetchInterval: ({ state }) => (state.status === "success" ? TICK_INTERVAL_MS : false),
});
