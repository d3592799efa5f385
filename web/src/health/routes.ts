import { gained, increase, quantile } from "../evidence/histogram";
import { type History, windowStart } from "./history";
import { QUANTILE_WINDOW_MS } from "./series";
import type { RouteMetrics } from "./service-metrics";

export type Routes = ReadonlyMap<string, RouteMetrics>;

/** How a route did in the last five minutes. */
export interface RouteSummary {
  readonly route: string;
  readonly requests: number;
  /** Parts of the requests, from 0 to 1. */
  readonly failed: number;
  readonly refused: number;
  /** In seconds; null where no time was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** How many routes are worth a look at once. */
const ROUTES_MAX = 6;

/**
 * The routes that were asked in the last five minutes: those that failed most often first, then those that refused,
 * then the slowest. A route that only the last reading has began at zero.
 */
export function worstRoutes(history: History<Routes>): RouteSummary[] {
  const [start, end] = [
    windowStart(history, history.length - 1, QUANTILE_WINDOW_MS),
    history.at(-1),
  ];
  if (!start || !end || start === end) return [];
  return [...end.value]
    .map(([route, after]) => summarize(route, start.value.get(route), after))
    .filter(({ requests }) => requests > 0)
    .sort((a, b) => b.failed - a.failed || b.refused - a.refused || (b.p95 ?? 0) - (a.p95 ?? 0))
    .slice(0, ROUTES_MAX);
}

function summarize(
  route: string,
  before: RouteMetrics | undefined,
  after: RouteMetrics,
): RouteSummary {
  const count = (key: "requests" | "failures" | "refusals") =>
    gained(before?.answers[key] ?? 0, after.answers[key]);
  const requests = count("requests");
  const times = before ? increase(before.duration, after.duration) : after.duration;
  return {
    route,
    requests,
    failed: requests === 0 ? 0 : count("failures") / requests,
    refused: requests === 0 ? 0 : count("refusals") / requests,
    p50: quantile(0.5, times),
    p95: quantile(0.95, times),
    p99: quantile(0.99, times),
  };
}
