import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { RequestFailed } from "../api/problem";
import { readTicks, type Tick } from "../evidence/tick";
import { Exposition } from "./exposition";
import { type Metrics, readMetrics } from "./metrics";
import type { Routes } from "./routes";
import { readRoutes } from "./service-metrics";
import type { AuditVerification, Readiness, Rollout } from "./wire";

const SECOND_MS = 1000;
/** How often the page reads; an alert that looks at five minutes has sixty readings then. */
export const READ_EVERY_MS = 5 * SECOND_MS;
/** Evidence is written in ticks of fifteen seconds. */
const TICK_MS = 15 * SECOND_MS;
const EVIDENCE_WINDOW_MS = 15 * 60 * SECOND_MS;
const ROLLOUTS_MAX = 100;

const live = { refetchInterval: READ_EVERY_MS, staleTime: 0, retry: false } as const;

/** Not ready is an answer here, not a failure. */
export const readinessQuery = queryOptions({
  queryKey: ["health", "readiness"],
  queryFn: async ({ signal }): Promise<Readiness> => {
    const call = api.GET("/readyz", { signal });
    return body(
      call.then(({ data, error, response }) =>
        isReadiness(error)
          ? { data: error, response: new Response(null) }
          : { ...(data ? { data } : {}), error, response },
      ),
    );
  },
  ...live,
});

function isReadiness(answer: unknown): answer is Readiness {
  return typeof answer === "object" && answer !== null && "notReady" in answer;
}

export const serviceHealthQuery = queryOptions({
  queryKey: ["health", "service"],
  queryFn: ({ signal }) => body(api.GET("/api/health", { signal })),
  ...live,
});

export const metricsQuery = queryOptions({
  queryKey: ["health", "metrics"],
  queryFn: async ({ signal }): Promise<{ metrics: Metrics; routes: Routes }> => {
    const page = new Exposition(await body(api.GET("/metrics", { parseAs: "text", signal })));
    const routes = readRoutes(page);
    return { metrics: readMetrics(page, routes), routes };
  },
  // Buckets that did not change need not be compared one by one.
  structuralSharing: false,
  ...live,
});

/** Rollouts that go on: while there is one, requests are counted by arm. */
export const presentRolloutsQuery = queryOptions({
  queryKey: ["health", "rollouts"],
  queryFn: async ({ signal }): Promise<Rollout[]> => {
    const params = { query: { limit: ROLLOUTS_MAX } };
    const { rollouts } = await body(api.GET("/api/rollouts", { params, signal }));
    return rollouts.filter(({ endedAt }) => !endedAt);
  },
  refetchInterval: TICK_MS,
  staleTime: 0,
});

/** What was counted of a rollout lately. */
export function evidenceQuery(rolloutId: string) {
  return queryOptions({
    queryKey: ["health", "evidence", rolloutId],
    queryFn: async ({ signal }): Promise<Tick[]> => {
      const after = new Date(Date.now() - EVIDENCE_WINDOW_MS).toISOString();
      const params = { path: { rolloutId }, query: { after } };
      const call = api.GET("/api/rollouts/{rolloutId}/evidence", {
        params,
        parseAs: "text",
        signal,
      });
      return readTicks(await body(call));
    },
    refetchInterval: TICK_MS,
    staleTime: 0,
  });
}

/** Checks every entry of the audit log. */
export function verifyAudit(): Promise<AuditVerification> {
  return body(api.GET("/api/audit/verify"));
}

/** Whether the metrics are kept for a scraper that has their token. */
export function needsMetricsToken(error: Error | null): boolean {
  return error instanceof RequestFailed && error.isSignedOut;
}
