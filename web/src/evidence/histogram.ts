/** How many observations were at most `bound`. */
export interface Bucket {
  readonly bound: number;
  readonly count: number;
}

/** Buckets in the order of their bounds, the last of which is infinite. */
export interface Histogram {
  readonly buckets: readonly Bucket[];
  readonly count: number;
}

/** A histogram of cumulated counts by upper bound, in any order: `0.5`, `1.0`, `+Inf`. */
export function histogramOf(
  counts: readonly (readonly [bound: string, count: number])[],
): Histogram {
  const buckets: Bucket[] = counts
    .map(([bound, count]) => ({
      bound: bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound),
      count,
    }))
    .sort((a, b) => a.bound - b.bound);
  return { buckets, count: buckets.at(-1)?.count ?? 0 };
}

/** What was observed between two readings. A counter that fell was started anew, and counts from zero. */
export function increase(before: Histogram, after: Histogram): Histogram {
  if (after.count < before.count || after.buckets.length !== before.buckets.length) return after;
  const buckets = after.buckets.map(({ bound, count }, index) => ({
    bound,
    count: count - (before.buckets[index]?.count ?? 0),
  }));
  return { buckets, count: after.count - before.count };
}

/** What a counter gained between two readings. */
export function gained(before: number, after: number): number {
  return after < before ? after : after - before;
}

/** The sum of several histograms, bound by bound; null of none. */
export function sum(histograms: readonly Histogram[]): Histogram | null {
  if (histograms.length === 0) return null;
  const counts = new Map<number, number>();
  for (const { bound, count } of histograms.flatMap(({ buckets }) => buckets)) {
    counts.set(bound, (counts.get(bound) ?? 0) + count);
  }
  const buckets = [...counts].map(([bound, count]) => ({ bound, count }));
  return {
    buckets: buckets.sort((a, b) => a.bound - b.bound),
    count: histograms.reduce((total, { count }) => total + count, 0),
  };
}

/**
 * The value that a part of the observations does not exceed, interpolated within its bucket as Prometheus does; the
 * highest finite bound for what lies beyond it; null without an observation.
 */
export function quantile(part: number, { buckets, count }: Histogram): number | null {
  if (count === 0) return null;
  const rank = part * count;
  const index = buckets.findIndex((bucket) => bucket.count >= rank);
  const found = buckets[index];
  const below = buckets[index - 1];
  if (!found) return null;
  if (!Number.isFinite(found.bound)) return below?.bound ?? null;
  const from = below ?? { bound: 0, count: 0 };
  const within = found.count - from.count;
  if (within === 0) return found.bound;
  return from.bound + (found.bound - from.bound) * ((rank - from.count) / within);
}
