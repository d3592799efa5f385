import { describe, expect, it } from "vitest";
import { summarize } from "../evidence/summary";
import { readTicks } from "../evidence/tick";
import { Exposition } from "./exposition";
import { formatClock, formatLasting, formatSeconds } from "./format";
import { heldSince, windowStart } from "./history";
import { readMetrics } from "./metrics";
import { gainedLately, lines, perMinute, quantileAt, share } from "./series";

function read(exposition: string) {
  return readMetrics(new Exposition(exposition));
}

function reading(at: number, validation: number) {
  return {
    at,
    value: read(`lot_moic_errors_total{error_type="validation"} ${validation}\n`),
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

describe("a counter", () => {
  const shed = (at: number, count?: number) => ({
    at,
    value: read(count === undefined ? "" : `http_requests_shed_total ${count}\n`),
  });
  const lately = (...history: ReturnType<typeof shed>[]) =>
    gainedLately(history, 300_000, ({ requests }) => requests.shed);

  it("gains over a window, and needs two readings to say so", () => {
    expect(lately(shed(0, 5))).toBeNull();
    expect(lately(shed(0, 5), shed(60_000, 9))).toBe(4);
    expect(lately(shed(0, 5), shed(60_000, 9), shed(360_000, 9))).toBe(0);
  });

  it("is not measured where the server does not have it", () => {
    expect(lately(shed(0), shed(60_000))).toBeNull();
    expect(lately(shed(0), shed(60_000, 9))).toBeNull();
    const rates = perMinute([shed(0), shed(60_000)], ({ requests }) => ({ shed: requests.shed }));
    expect(rates[1]?.values.shed).toBeNull();
  });
});

describe("a share", () => {
  const lookups = (at: number, hits: number, misses: number) => ({
    at,
    value: read(`snapshot_cache_lookups_total{result="hit"} ${hits}
snapshot_cache_lookups_total{result="miss"} ${misses}
`),
  });
  const hitRate = (...history: ReturnType<typeof lookups>[]) =>
    share(history, history.length - 1, 300_000, ({ workers: { cache } }) => ({
      part: cache.hits,
      whole: (cache.hits ?? 0) + (cache.misses ?? 0),
    }));

  it("is of what was counted lately, not of all", () => {
    expect(hitRate(lookups(0, 0, 100), lookups(60_000, 3, 101))).toBe(0.75);
  });

  it("is none where nothing was counted", () => {
    expect(hitRate(lookups(0, 3, 1), lookups(60_000, 3, 1))).toBeNull();
    expect(hitRate(lookups(0, 3, 1))).toBeNull();
  });
});

describe("lines", () => {
  const connections = (at: number, text: string) => ({ at, value: read(text) });

  it("have a gap where a level is not known", () => {
    const history = [
      connections(0, 'database_connections_in_use{access="read"} 3\n'),
      connections(5000, 'database_connections_in_use{access="write"} NaN\n'),
    ];
    const points = lines(
      history,
      ["read", "write"],
      (access: "read" | "write", _, { database }) => database.inUse[access],
    );
    expect(points.map(({ values }) => values)).toEqual([
      { read: 3, write: null },
      { read: null, write: null },
    ]);
  });

  it("show the quantile of what was observed since the window began", () => {
    const name = "database_query_duration_seconds_bucket";
    const query = (at: number, fast: number, all: number) =>
      connections(
        at,
        `${name}{le="0.1",access="read"} ${fast}\n${name}{le="1.0",access="read"} ${all}\n${name}{le="+Inf",access="read"} ${all}\n`,
      );
    const history = [query(0, 1000, 1000), query(60_000, 1000, 1010)];
    const p95 = (access: "read" | "write") =>
      quantileAt(history, 1, 0.5, ({ database }) => database.query[access]);
    expect(p95("read")).toBeCloseTo(0.55);
    expect(p95("write")).toBeNull();
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
