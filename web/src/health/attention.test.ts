import { describe, expect, it } from "vitest";
import { histogramOf } from "../evidence/histogram";
import type { Tick } from "../evidence/tick";
import { concerns, type Seen } from "./attention";
import type { FlagCounts, Metrics } from "./metrics";

const MINUTE = 60_000;
const NOTHING = histogramOf([
  ["5.0", 0],
  ["10.0", 0],
  ["+Inf", 0],
]);
const FLAG: FlagCounts = { on: 0, off: 0, selfDisabled: 0, isKilled: false };
const QUIET: Metrics = {
  snapshots: { complete: NOTHING, error: NOTHING },
  calculation: NOTHING,
  errors: { validation: 0, calculation: 0, database: 0 },
  flags: new Map([["enableLotLevelMoic", FLAG]]),
  rollbacks: new Map(),
  decisions: new Map(),
  pages: 0,
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
});
