import { type Histogram, histogramOf } from "./histogram";

/** What was counted of one arm in a tick. */
export interface ArmCounts {
  readonly requests: number;
  readonly failures: number;
  readonly latency: Histogram | null;
}

/** What was counted of a rollout in fifteen seconds. */
export interface Tick {
  /** Its end, in milliseconds. */
  readonly at: number;
  /** The same as the server wrote it, RFC 3339. */
  readonly instant: string;
  readonly treatment: ArmCounts;
  readonly control: ArmCounts;
  /** Levels of what both arms share, by name, such as `poolInUse` and `workerMemoryBytes`. */
  readonly shared: Readonly<Record<string, number>>;
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
  readonly shared?: Readonly<Record<string, number>>;
}

function readTick(tick: WireTick): Tick {
  return {
    at: Date.parse(tick.at),
    instant: tick.at,
    treatment: readArm(tick.treatment),
    control: readArm(tick.control),
    shared: tick.shared ?? {},
  };
}

function readArm({ requests, failures, latency }: WireArm): ArmCounts {
  return { requests, failures, latency: latency ? histogramOf(Object.entries(latency)) : null };
}
