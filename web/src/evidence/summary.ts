import { quantile, sum } from "./histogram";
import type { ArmCounts } from "./tick";

/** What several ticks come to. */
export interface ArmSummary {
  readonly requests: number;
  readonly failures: number;
  /** The part of the requests that failed; null without a request. */
  readonly errorRate: number | null;
  /** In seconds, as P95 and P99; null without a latency. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Adds up the ticks of one arm. */
export function summarize(arms: readonly ArmCounts[]): ArmSummary {
  const requests = arms.reduce((total, arm) => total + arm.requests, 0);
  const failures = arms.reduce((total, arm) => total + arm.failures, 0);
  const latency = sum(arms.flatMap((arm) => (arm.latency ? [arm.latency] : [])));
  const at = (part: number) => (latency ? quantile(part, latency) : null);
  return {
    requests,
    failures,
    errorRate: requests === 0 ? null : failures / requests,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}
