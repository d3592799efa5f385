import { describe, expect, it } from "vitest";
import { histogramOf } from "../evidence/histogram";
import type { Tick } from "../evidence/tick";
import { concerns, type Seen } from "./attention";
import { Exposition } from "./exposition";
import { type FlagCounts, type Metrics, readMetrics } from "./metrics";
import type { DatabaseMetrics } from "./service-metrics";

const MINUTE = 60_000;
const NOTHING = histogramOf([
  ["5.0", 0],
  ["10.0", 0],
  ["+Inf", 0],
]);
const FLAG: FlagCounts = { on: 0, off: 0, selfDisabled: 0, isKilled: false };
const QUIET: Metrics = {
  ...readMetrics(
    new Exposition(`http_requests_total{method="GET",route="/api/funds",status="200"} 0
http_requests_shed_total 0
database_up 1
database_pool_exhausted_total 0
database_deadlocks_total 0
snapshot_queue_oldest_age_seconds 0.0
`),
  ),
  snapshots: { complete: NOTHING, error: NOTHING },
  flags: new Map([["enableLotLevelMoic", FLAG]]),
};
const EMPTY_QUEUE = { queued: 0, running: 0, dead: 0 };
const CALM: Seen = {
  readiness: { warnings: [] },
  isUnreachable: false,
  health: { warnings: [], snapshotQueue: EMPTY_QUEUE },
  metrics: [],
  queue: [],
  ticks: [],
};

function seen(change: Partial<Seen>): Seen {
  return { ...CALM, ...change };
}

/** A reading a minute. */
function readings<Value>(values: readonly Value[]) {
  return values.map((value, minute) => ({ at: minute * MINUTE, value }));
}

function levels(state: Seen): string[] {
  return concerns(state).map(({ level, id }) => `${level} ${id}`);
}

function slowSnapshots(count: number): Metrics {
  const complete = histogramOf([
    ["5.0", 0],
    ["10.0", count],
    ["+Inf", count],
  ]);
  return { ...QUIET, snapshots: { complete, error: NOTHING } };
}

/** What users with the feature were answered so far. */
function treated(requests: number, failures: number, duration = NOTHING): Metrics {
  return { ...QUIET, arms: new Map([["treatment", { requests, failures, duration }]]) };
}

function database(change: Partial<DatabaseMetrics>): Metrics {
  return { ...QUIET, database: { ...QUIET.database, ...change } };
}

function times(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function tick(at: number, requests: number, failures: number): Tick {
  const none = { requests: 0, failures: 0, latency: null };
  const treatment = { requests, failures, latency: null };
  const instant = new Date(at).toISOString();
  return { at, instant, treatment, control: none, shared: { poolInUse: 0, deadlocks: 0 } };
}

describe("what needs attention", () => {
  it("is nothing while all is well", () => {
    expect(concerns(seen({ metrics: readings([QUIET, QUIET]) }))).toEqual([]);
  });

  it("begins with what is firing", () => {
    const found = levels(
      seen({
        readiness: {
          warnings: ["A is neither true nor false"],
          notReady: ["the database is away"],
        },
        health: {
          warnings: ["A is neither true nor false"],
          snapshotQueue: { ...EMPTY_QUEUE, dead: 2 },
        },
      }),
    );
    expect(found).toEqual([
      "firing not ready: the database is away",
      "notice dead",
      "notice warning: A is neither true nor false",
    ]);
  });

  it("is first of all that the server does not answer", () => {
    expect(levels(seen({ isUnreachable: true }))).toEqual(["firing unreachable"]);
  });

  it("names a killed flag and where to restore it", () => {
    const killed = {
      ...QUIET,
      flags: new Map([["enableLotLevelMoic", { ...FLAG, isKilled: true }]]),
    };
    const [concern] = concerns(seen({ metrics: readings([QUIET, killed]) }));
    expect(concern?.title).toBe("enableLotLevelMoic is killed");
    expect(concern?.place).toEqual({ page: "flag", key: "enableLotLevelMoic" });
  });

  it("is a deep queue: pending at once, firing after 15 min, over once it is short", () => {
    const deep = { ...EMPTY_QUEUE, queued: 101 };
    const lasting = (minutes: number) => readings(Array.from({ length: minutes + 1 }, () => deep));
    expect(levels(seen({ queue: lasting(1) }))).toEqual(["pending queue depth"]);
    expect(levels(seen({ queue: lasting(14) }))).toEqual(["pending queue depth"]);
    expect(levels(seen({ queue: lasting(15) }))).toEqual(["firing queue depth"]);
    expect(
      levels(seen({ queue: [...lasting(15), { at: 16 * MINUTE, value: EMPTY_QUEUE }] })),
    ).toEqual([]);
  });

  it("is a P95 of snapshots above 5 s, firing after 10 min", () => {
    const slow = (minutes: number) =>
      readings(Array.from({ length: minutes + 2 }, (_, minute) => slowSnapshots(minute)));
    expect(levels(seen({ metrics: slow(9) }))).toEqual(["pending snapshot P95"]);
    expect(levels(seen({ metrics: slow(10) }))).toEqual(["firing snapshot P95"]);
  });

  it("is an error rate above 1 % in the last five minutes of a rollout", () => {
    const old = tick(0, 100, 100);
    expect(levels(seen({ ticks: [old, tick(6 * MINUTE, 200, 2)] }))).toEqual([]);
    expect(levels(seen({ ticks: [old, tick(6 * MINUTE, 200, 3)] }))).toEqual(["firing error rate"]);
  });

  it("is more than ten people an hour who turn a flag off", () => {
    const left = (people: number) => ({
      ...QUIET,
      flags: new Map([["enableLotLevelMoic", { ...FLAG, selfDisabled: people }]]),
    });
    expect(levels(seen({ metrics: readings([left(3), left(13)]) }))).toEqual([]);
    expect(levels(seen({ metrics: readings([left(3), left(14)]) }))).toEqual([
      "firing turned off: enableLotLevelMoic",
    ]);
  });

  it("is any error of the server's own, but not the callers'", () => {
    const errors = { validation: 50, calculation: 1, database: 0 };
    expect(levels(seen({ metrics: readings([QUIET, { ...QUIET, errors }]) }))).toEqual([
      "notice calculation errors",
    ]);
  });

  it("is that a rollout called somebody while the page was open", () => {
    expect(levels(seen({ metrics: readings([{ ...QUIET, pages: 3 }]) }))).toEqual([]);
    expect(levels(seen({ metrics: readings([QUIET, { ...QUIET, pages: 1 }]) }))).toEqual([
      "firing pages",
    ]);
  });

  it("is an error rate above 1 % without a rollout, pending until it has lasted 5 min", () => {
    const failing = (minutes: number) =>
      readings(times(minutes + 2).map((minute) => treated(100 * minute, 2 * minute)));
    expect(levels(seen({ metrics: failing(4) }))).toEqual(["pending error rate"]);
    expect(levels(seen({ metrics: failing(5) }))).toEqual(["firing error rate"]);
    const well = readings(times(9).map((minute) => treated(100 * minute, minute)));
    expect(levels(seen({ metrics: well }))).toEqual([]);
  });

  it("is no alert that one request failed in a quiet night", () => {
    const night = times(9).map((minute) => treated(minute, minute > 0 ? 1 : 0));
    const found = night.map((_, minute) =>
      levels(seen({ metrics: readings(night.slice(0, minute + 1)) })),
    );
    expect(found.flat()).not.toContain("firing error rate");
    expect(found.at(-1)).toEqual([]);
  });

  it("is asked of the evidence of all processes while there is a rollout", () => {
    const metrics = readings(times(9).map((minute) => treated(100 * minute, 50 * minute)));
    expect(levels(seen({ metrics, ticks: [tick(0, 1000, 0)] }))).toEqual([]);
  });

  it("is a P95 of lot-level requests above 5 s, firing after 10 min", () => {
    const slow = (minutes: number) =>
      readings(
        times(minutes + 2).map((minute) =>
          treated(minute, 0, slowSnapshots(minute).snapshots.complete),
        ),
      );
    expect(levels(seen({ metrics: slow(9) }))).toEqual(["pending request P95"]);
    expect(levels(seen({ metrics: slow(10) }))).toEqual(["firing request P95"]);
  });

  it("is a database that does not answer, pending for a minute", () => {
    const away = database({ isUp: false });
    expect(levels(seen({ metrics: readings([QUIET, away]) }))).toEqual(["pending database down"]);
    expect(levels(seen({ metrics: readings([QUIET, away, away]) }))).toEqual([
      "firing database down",
    ]);
    expect(levels(seen({ metrics: readings([away, away, QUIET]) }))).toEqual([]);
  });

  it("says once that the database is away, where the server says so, too", () => {
    const found = levels(
      seen({
        metrics: readings([database({ isUp: false })]),
        readiness: { warnings: [], notReady: ["no route to the database"] },
      }),
    );
    expect(found).toEqual(["firing not ready: no route to the database"]);
  });

  it("is a pool without a free connection within five minutes, and no longer", () => {
    const refused = database({ poolExhausted: 3 });
    const [concern, ...others] = concerns(seen({ metrics: readings([QUIET, refused]) }));
    expect(others).toEqual([]);
    expect(concern).toMatchObject({
      level: "firing",
      title: "3 transactions refused in the last 1 min: no connection was free",
      runbook: "database-pool-exhausted",
    });
    const later = readings([QUIET, ...times(6).map(() => refused)]);
    expect(levels(seen({ metrics: later }))).toEqual([]);
  });

  it("is a deadlock, which nobody noticed", () => {
    const [concern] = concerns(seen({ metrics: readings([QUIET, database({ deadlocks: 1 })]) }));
    expect(concern).toMatchObject({ id: "deadlocks", level: "notice" });
    expect(concern?.title).toMatch(/^1 transaction lost a deadlock/);
  });

  it("is that requests are refused because too many come at once", () => {
    const shed = { ...QUIET, requests: { ...QUIET.requests, shed: 40 } };
    expect(levels(seen({ metrics: readings([QUIET, shed]) }))).toEqual(["firing shedding"]);
  });

  it("is a snapshot that was asked for more than 5 min ago", () => {
    const old = (oldestAgeSeconds: number) => ({
      ...QUIET,
      workers: { ...QUIET.workers, oldestAgeSeconds },
    });
    expect(levels(seen({ metrics: readings([old(240), old(300)]) }))).toEqual([]);
    const [concern] = concerns(seen({ metrics: readings([old(300), old(360)]) }));
    expect(concern).toMatchObject({
      level: "pending",
      title: "A snapshot is not done 6 min after it was asked for",
    });
    expect(levels(seen({ metrics: readings([old(360), old(420)]) }))).toEqual([
      "firing oldest snapshot",
    ]);
  });

  it("is that more than 1 % of all requests failed, whatever the route", () => {
    const answered = (failures: number, refusals: number) => ({
      ...QUIET,
      requests: { ...QUIET.requests, answers: { requests: 100, failures, refusals } },
    });
    expect(levels(seen({ metrics: readings([QUIET, answered(1, 60)]) }))).toEqual([]);
    expect(levels(seen({ metrics: readings([QUIET, answered(2, 0)]) }))).toEqual([
      "notice failed requests",
    ]);
  });

  it("is a rollback that is stuck", () => {
    const stuck = {
      ...QUIET,
      rollouts: new Map([["enableLotLevelMoic", { state: "RollbackStuck", exposure: 0 }]]),
    };
    expect(levels(seen({ metrics: readings([stuck]) }))).toEqual([
      "firing rollback stuck: enableLotLevelMoic",
    ]);
  });

  it("is nothing that a server does not measure", () => {
    const silent = readMetrics(new Exposition("# EOF\n"));
    expect(levels(seen({ metrics: readings(times(20).map(() => silent)) }))).toEqual([]);
  });
});
