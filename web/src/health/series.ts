import { gained, type Histogram, increase, quantile } from "../evidence/histogram";
import { type History, windowStart } from "./history";
import type { Metrics } from "./metrics";

/** One moment of a chart; null where there is nothing to show. */
export interface Point {
  readonly at: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/** Values by the name of their line; null for what the server does not measure. */
export type Values = Readonly<Record<string, number | null>>;

const MINUTE_MS = 60_000;
/** How far back a rate and a quantile look. */
export const RATE_WINDOW_MS = MINUTE_MS;
export const QUANTILE_WINDOW_MS = 5 * MINUTE_MS;

/** What counters gained per minute, over the minute before each reading. */
export function perMinute(
  history: History<Metrics>,
  counters: (metrics: Metrics) => Values,
): Point[] {
  return history.map(({ at }, index) => {
    const start = windowStart(history, index, RATE_WINDOW_MS);
    if (!start || start.at === at) return { at, values: {} };
    const minutes = (at - start.at) / MINUTE_MS;
    const values = gains(history, index, RATE_WINDOW_MS, counters);
    const rates = Object.entries(values).map(([key, gain]) => [
      key,
      gain === null ? null : gain / minutes,
    ]);
    return { at, values: Object.fromEntries(rates) };
  });
}

/** What counters gained up to a reading; nothing at the first one, null where either reading lacks a counter. */
export function gains<Read>(
  history: History<Read>,
  index: number,
  windowMs: number,
  counters: (read: Read) => Values,
): Values {
  const [start, end] = [windowStart(history, index, windowMs), history[index]];
  if (!start || !end || start === end) return {};
  const before = counters(start.value);
  return Object.fromEntries(
    Object.entries(counters(end.value)).map(([key, count]) => {
      const known = before[key] ?? null;
      return [key, known === null || count === null ? null : gained(known, count)];
    }),
  );
}

/** What one counter gained up to the last reading; null where it takes another reading to know. */
export function gainedLately<Read>(
  history: History<Read>,
  windowMs: number,
  counter: (read: Read) => number | null,
): number | null {
  const read = (value: Read) => ({ counter: counter(value) });
  return gains(history, history.length - 1, windowMs, read).counter ?? null;
}

/** A part of a whole, both counters; null for what the server does not count. */
export type Part = Readonly<Record<"part" | "whole", number | null>>;

/** How much of what was counted up to a reading is the part; null where nothing was. */
export function share<Read>(
  history: History<Read>,
  index: number,
  windowMs: number,
  counters: (read: Read) => Part,
): number | null {
  const { part = null, whole = null } = gains(history, index, windowMs, counters);
  return part === null || whole === null || whole === 0 ? null : part / whole;
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

/** What is measured of each of several lines at each reading. */
export function lines<Key extends string>(
  history: History<Metrics>,
  keys: readonly Key[],
  measure: (key: Key, index: number, metrics: Metrics) => number | null,
): Point[] {
  return history.map(({ at, value }, index) => ({
    at,
    values: Object.fromEntries(keys.map((key) => [key, measure(key, index, value)])),
  }));
}

/** The value that a part of what was observed up to a reading does not exceed; null where nothing was. */
export function quantileAt<Read>(
  history: History<Read>,
  index: number,
  part: number,
  select: (read: Read) => Histogram | null,
): number | null {
  const seen = observed(history, index, QUANTILE_WINDOW_MS, select);
  return seen ? quantile(part, seen) : null;
}

/** What a histogram observed up to a reading; null at the first one. */
export function observed<Read>(
  history: History<Read>,
  index: number,
  windowMs: number,
  select: (read: Read) => Histogram | null,
): Histogram | null {
  const [start, end] = [windowStart(history, index, windowMs), history[index]];
  if (!start || !end || start === end) return null;
  const [before, after] = [select(start.value), select(end.value)];
  return before && after && increase(before, after);
}
