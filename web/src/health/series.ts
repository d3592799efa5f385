import { gained, type Histogram, increase, quantile } from "../evidence/histogram";
import { type History, windowStart } from "./history";
import type { Metrics } from "./metrics";

/** One moment of a chart; null where there is nothing to show. */
export interface Point {
  readonly at: number;
  readonly values: Readonly<Record<string, number | null>>;
}

const MINUTE_MS = 60_000;
/** How far back a rate and a quantile look. */
export const RATE_WINDOW_MS = MINUTE_MS;
export const QUANTILE_WINDOW_MS = 5 * MINUTE_MS;

/** What counters gained per minute, over the minute before each reading. */
export function perMinute(
  history: History<Metrics>,
  counters: (metrics: Metrics) => Readonly<Record<string, number>>,
): Point[] {
  return history.map(({ at, value }, index) => {
    const start = windowStart(history, index, RATE_WINDOW_MS);
    if (!start || start.at === at) return { at, values: {} };
    const before = counters(start.value);
    const minutes = (at - start.at) / MINUTE_MS;
    const rates = Object.entries(counters(value)).map(([key, count]) => [
      key,
      gained(before[key] ?? 0, count) / minutes,
    ]);
    return { at, values: Object.fromEntries(rates) };
  });
}

/** P50, P95 and P99 of what was observed in the five minutes before each reading. */
export function quantiles(
  history: History<Metrics>,
  select: (metrics: Metrics) => Histogram,
): Point[] {
  return history.map(({ at }, index) => {
    const seen = observed(history, index, QUANTILE_WINDOW_MS, select);
    const part = (q: number) => (seen ? quantile(q, seen) : null);
    return { at, values: { p50: part(0.5), p95: part(0.95), p99: part(0.99) } };
  });
}

/** What a histogram observed up to a reading; null at the first one. */
export function observed(
  history: History<Metrics>,
  index: number,
  windowMs: number,
  select: (metrics: Metrics) => Histogram,
): Histogram | null {
  const [start, end] = [windowStart(history, index, windowMs), history[index]];
  if (!start || !end || start === end) return null;
  return increase(select(start.value), select(end.value));
}
