/** What was seen of both arms, tick by tick, and how it is put together for a chart. */

export interface Arm {
  readonly requests: number;
  readonly failures: number;
  /** Requests by the bound that they took at most, in seconds; cumulative. */
  readonly latency?: Readonly<Record<string, number>>;
}

export interface Tick {
  readonly at: string;
  readonly treatment: Arm;
  readonly control: Arm;
  readonly shared?: Readonly<Record<string, number>>;
}

/** One arm in one stretch of time; null where there was no request, or no latency. */
export interface ArmPoint {
  readonly requests: number;
  readonly failures: number;
  readonly errorRate: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface Point {
  /** End of the stretch, RFC 3339. */
  readonly at: string;
  readonly atMs: number;
  readonly treatment: ArmPoint;
  readonly control: ArmPoint;
}

/** Reads evidence as the server writes it: a JSON object a line. */
export function readTicks(lines: string): Tick[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Tick);
}

/** At most `pointsMax` points, each of as many ticks as the others but the last. */
export function points(ticks: readonly Tick[], pointsMax: number): Point[] {
  const size = Math.max(1, Math.ceil(ticks.length / pointsMax));
  const found: Point[] = [];
  for (let start = 0; start < ticks.length; start += size) {
    const group = ticks.slice(start, start + size);
    const last = group.at(-1);
    if (!last) continue;
    found.push({
      at: last.at,
      atMs: Date.parse(last.at),
      treatment: armPoint(group.map(({ treatment }) => treatment)),
      control: armPoint(group.map(({ control }) => control)),
    });
  }
  return found;
}

function armPoint(arms: readonly Arm[]): ArmPoint {
  const requests = sum(arms.map((arm) => arm.requests));
  const failures = sum(arms.map((arm) => arm.failures));
  const buckets = bucketsOf(arms);
  return {
    requests,
    failures,
    errorRate: requests === 0 ? null : failures / requests,
    p50: quantile(buckets, 0.5),
    p95: quantile(buckets, 0.95),
    p99: quantile(buckets, 0.99),
  };
}

/** Bounds in order, each with the requests of all arms that took at most as long. */
function bucketsOf(arms: readonly Arm[]): [bound: number, cumulative: number][] {
  const sums = new Map<number, number>();
  for (const { latency } of arms) {
    for (const [bound, cumulative] of Object.entries(latency ?? {})) {
      const at = bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
      sums.set(at, (sums.get(at) ?? 0) + cumulative);
    }
  }
  return [...sums].sort(([a], [b]) => a - b);
}

/** The time that a share of the requests took at most, between bounds as the server interpolates. */
export function quantile(
  buckets: readonly (readonly [bound: number, cumulative: number])[],
  share: number,
): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return null;
  const rank = share * total;
  let lower = 0;
  let before = 0;
  for (const [bound, cumulative] of buckets) {
    if (cumulative > before && cumulative >= rank) {
      if (!Number.isFinite(bound)) return lower;
      const part = Math.min(1, Math.max(0, (rank - before) / (cumulative - before)));
      return lower + (bound - lower) * part;
    }
    lower = bound;
    before = cumulative;
  }
  return lower;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
