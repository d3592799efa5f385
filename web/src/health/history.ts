import { useEffect, useState } from "react";

/** What was read, and when by the browser's clock, in milliseconds. */
export interface Reading<Value> {
  readonly at: number;
  readonly value: Value;
}

/** Readings in the order they were made. */
export type History<Value> = readonly Reading<Value>[];

/** An hour at one reading every five seconds: as long as the longest alert looks back. */
const READINGS_MAX = 720;

/** Collects the answers of a query for as long as the page is open. */
export function useHistory<Value>(
  value: Value | undefined,
  at: number,
  readingsMax = READINGS_MAX,
): History<Value> {
  const [history, setHistory] = useState<History<Value>>([]);
  useEffect(() => {
    if (value === undefined) return;
    setHistory((known) =>
      known.at(-1)?.at === at ? known : [...known, { at, value }].slice(-readingsMax),
    );
  }, [value, at, readingsMax]);
  return history;
}

/** The earliest reading that is at most `windowMs` older than the reading at `index`. */
export function windowStart<Value>(
  history: History<Value>,
  index: number,
  windowMs: number,
): Reading<Value> | null {
  const end = history[index];
  if (!end) return null;
  let start = index;
  while (start > 0 && end.at - (history[start - 1]?.at ?? 0) <= windowMs) start -= 1;
  return history[start] ?? null;
}

/** Since when a condition has held without a break up to the last reading; null where it does not hold now. */
export function heldSince<Value>(
  history: History<Value>,
  holds: (index: number) => boolean,
): number | null {
  let since: number | null = null;
  for (let index = history.length - 1; index >= 0 && holds(index); index -= 1) {
    since = history[index]?.at ?? since;
  }
  return since;
}
