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

/** The sum of several histograms with the same bounds. */
export function sum(histograms: readonly Histogram[]): Histogram | null {
  const [first, ...others] = histograms;
  if (!first) return null;
  return others.reduce((sum, { buckets, count }) => {
    const added = sum.buckets.map((bucket, index) => ({
      bound: bucket.bound,
      count: bucket.count + (buckets[index]?.count ?? 0),
    }));
    return { buckets: added, count: sum.count + count };
  }, first);
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
