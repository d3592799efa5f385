import { histogramOf } from "./exposition";
import { type Histogram, quantile, sum } from "./histogram";

/** What was counted of one arm in a tick. */
export interface ArmCounts {
  readonly requests: number;
  readonly failures: number;
  readonly latency: Histogram | null;
}

/** What was counted of a rollout in fifteen seconds. */
export interface Tick {
  readonly at: number;
  readonly treatment: ArmCounts;
  readonly control: ArmCounts;
  readonly poolInUse: number | null;
  readonly deadlocks: number | null;
  readonly memoryBytes: number | null;
}

/** What several ticks come to. */
export interface ArmSummary {
  readonly requests: number;
  readonly failures: number;
  /** Null without a request. */
  readonly failureShare: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Reads evidence, a JSON object a line. */
export function readTicks(lines: string): Tick[] {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => readTick(JSON.parse(line)));
}

interface WireArm {
  readonly requests: number;
  readonly failures: number;
  readonly latency?: Readonly<Record<string, number>>;
}

interface WireTick {
  readonly at: string;
  readonly treatment: WireArm;
  readonly control: WireArm;
  readonly shared: {
    readonly poolInUse?: number;
    readonly deadlocks?: number;
    readonly workerMemoryBytes?: number;
  };
}

function readTick(tick: WireTick): Tick {
  return {
    at: Date.parse(tick.at),
    treatment: readArm(tick.treatment),
    control: readArm(tick.control),
    poolInUse: tick.shared.poolInUse ?? null,
    deadlocks: tick.shared.deadlocks ?? null,
    memoryBytes: tick.shared.workerMemoryBytes ?? null,
  };
}

function readArm({ requests, failures, latency }: WireArm): ArmCounts {
  return { requests, failures, latency: latency ? histogramOf(Object.entries(latency)) : null };
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
    failureShare: requests === 0 ? null : failures / requests,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  };
}
