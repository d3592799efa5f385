import { describe, expect, it } from "vitest";
import { gained, histogramOf, increase, quantile, sum } from "./histogram";

const histogram = (counts: Record<string, number>) => histogramOf(Object.entries(counts));

describe("a quantile", () => {
  it("is interpolated within its bucket, as Prometheus does", () => {
    const seen = histogram({ "1.0": 10, "2.0": 20, "+Inf": 20 });
    expect(quantile(0.25, seen)).toBeCloseTo(0.5);
    expect(quantile(0.75, seen)).toBeCloseTo(1.5);
    expect(quantile(1, seen)).toBe(2);
  });

  it("beyond the last bound is that bound", () => {
    expect(quantile(0.99, histogram({ "1.0": 1, "+Inf": 100 }))).toBe(1);
  });

  it("of nothing is none", () => {
    expect(quantile(0.5, histogram({ "1.0": 0, "+Inf": 0 }))).toBeNull();
    expect(quantile(0.5, histogram({}))).toBeNull();
  });

  it("takes buckets in any order", () => {
    expect(quantile(0.5, histogram({ "+Inf": 4, "10": 4, "0.5": 0, "5": 4 }))).toBeCloseTo(2.75);
  });
});

describe("what was counted between two readings", () => {
  it("is the difference, bucket by bucket", () => {
    const before = histogram({ "1.0": 5, "+Inf": 6 });
    const after = histogram({ "1.0": 5, "+Inf": 9 });
    expect(increase(before, after)).toEqual(histogram({ "1.0": 0, "+Inf": 3 }));
    expect(gained(7, 9)).toBe(2);
  });

  it("begins anew with a process that was restarted", () => {
    const after = histogram({ "1.0": 1, "+Inf": 1 });
    expect(increase(histogram({ "1.0": 5, "+Inf": 6 }), after)).toBe(after);
    expect(gained(7, 2)).toBe(2);
  });

  it("adds up", () => {
    const one = histogram({ "1.0": 1, "+Inf": 2 });
    expect(sum([one, one, one])).toEqual(histogram({ "1.0": 3, "+Inf": 6 }));
    expect(sum([])).toBeNull();
  });
});
