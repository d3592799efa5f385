import { gained, increase, quantile } from "../evidence/histogram";
import { type History, windowStart } from "./history";
import type { Metrics } from "./metrics";
import { QUANTILE_WINDOW_MS } from "./series";
import type { ArmMetrics } from "./service-metrics";

/** How an arm did in the last five minutes, in this process. */
export interface ArmSummary {
  readonly arm: string;
  /** Null where it is not counted, or was only once. */
  readonly requests: number | null;
  readonly failures: number | null;
  /** The part that failed, from 0 to 1; null without a request. */
  readonly failed: number | null;
  /** In seconds; null where no time was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** The two that are compared; the others only where somebody is in them. */
export const COMPARED_ARMS = ["treatment", "control"] as const;

const UNKNOWN = { requests: null, failures: null, failed: null, p50: null, p95: null, p99: null };

/** The arms beside each other: those which are compared first, then whoever else asked. */
export function armSummaries(history: History<Metrics>): ArmSummary[] {
  const [start, end] = [
    windowStart(history, history.length - 1, QUANTILE_WINDOW_MS),
    history.at(-1),
  ];
  const known: ReadonlyMap<string, ArmMetrics> =
    !start || !end || start === end ? new Map() : end.value.arms;
  const arms = [...new Set([...COMPARED_ARMS, ...known.keys()])];
  const summaries = arms.map((arm): ArmSummary => {
    const after = known.get(arm);
    if (!start || !after) return { ...UNKNOWN, arm };
    const before = start.value.arms.get(arm);
    const requests = gained(before?.requests ?? 0, after.requests);
    const failures = gained(before?.failures ?? 0, after.failures);
    const times = before ? increase(before.duration, after.duration) : after.duration;
    return {
      arm,
      requests,
      failures,
      failed: requests === 0 ? null : failures / requests,
      p50: quantile(0.5, times),
      p95: quantile(0.95, times),
      p99: quantile(0.99, times),
    };
  });
  const order: readonly string[] = COMPARED_ARMS;
  const place = ({ arm }: ArmSummary) => {
    const index = order.indexOf(arm);
    return index < 0 ? order.length : index;
  };
  return summaries
    .filter((one) => (one.requests ?? 0) > 0 || place(one) < order.length)
    .sort((a, b) => place(a) - place(b) || a.arm.localeCompare(b.arm));
}
