import { describe, expect, it } from "vitest";
import { summarize } from "../evidence/summary";
import { readTicks } from "../evidence/tick";
import { formatClock, formatLasting, formatSeconds } from "./format";
import { heldSince, windowStart } from "./history";
import { readMetrics } from "./metrics";
import { perMinute } from "./series";

function reading(at: number, validation: number) {
  return {
    at,
    value: readMetrics(`lot_moic_errors_total{error_type="validation"} ${validation}\n`),
  };
}

describe("a rate", () => {
  it("looks a minute back and needs two readings", () => {
    const history = [reading(0, 0), reading(30_000, 10), reading(60_000, 10), reading(90_000, 12)];
    const rates = perMinute(history, ({ errors }) => errors);
    expect(rates.map(({ values }) => values.validation)).toEqual([undefined, 20, 10, 2]);
  });

  it("begins anew after a restart", () => {
    const rates = perMinute([reading(0, 50), reading(60_000, 3)], ({ errors }) => errors);
    expect(rates[1]?.values.validation).toBe(3);
  });
});

describe("a history", () => {
  const history = [0, 10, 20, 30].map((at) => ({ at, value: at }));

  it("knows where a window begins", () => {
    expect(windowStart(history, 3, 20)?.at).toBe(10);
    expect(windowStart(history, 0, 20)?.at).toBe(0);
    expect(windowStart(history, 3, 1000)?.at).toBe(0);
  });

  it("knows since when something holds", () => {
    expect(heldSince(history, (index) => index >= 2)).toBe(20);
    expect(heldSince(history, (index) => index < 3)).toBeNull();
  });
});

describe("evidence", () => {
  const line = JSON.stringify({
    at: "2026-11-28T14:51:45Z",
    control: { failures: 0, firstFailures: 0, requests: 0, users: 0 },
    shared: { deadlocks: 0, poolInUse: 0.25, workerMemoryBytes: 65_892_352 },
    source: "ok",
    treatment: {
      failures: 1,
      firstFailures: 1,
      requests: 4,
      users: 1,
      latency: { "+Inf": 4, "0.5": 2, "1": 4 },
    },
  });

  it("is read line by line and added up", () => {
    const ticks = readTicks(`${line}\n${line}\n`);
    expect(ticks).toHaveLength(2);
    expect(ticks[0]?.shared.poolInUse).toBe(0.25);
    const summary = summarize(ticks.map(({ treatment }) => treatment));
    expect(summary).toMatchObject({ requests: 8, failures: 2, errorRate: 0.25, p50: 0.5 });
    expect(summarize(ticks.map(({ control }) => control))).toMatchObject({
      errorRate: null,
      p95: null,
    });
  });
});

describe("a length of time", () => {
  it("has the unit that makes it short", () => {
    expect([0.000045, 0.0083, 0.35, 1.25, 300].map(formatSeconds)).toEqual([
      "45 µs",
      "8.3 ms",
      "350 ms",
      "1.3 s",
      "5 min",
    ]);
    expect([4000, 61_000, 3_600_000, 7_300_000].map(formatLasting)).toEqual([
      "4 s",
      "1 min",
      "60 min",
      "2 h",
    ]);
  });

  it("is read off a clock in UTC", () => {
    expect(formatClock(Date.UTC(2026, 10, 28, 14, 3, 5))).toBe("14:03:05");
  });
});
