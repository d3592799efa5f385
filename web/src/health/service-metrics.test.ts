import { describe, expect, it } from "vitest";
import { quantile } from "../evidence/histogram";
import { armSummaries } from "./arms";
import { Exposition } from "./exposition";
import { readMetrics } from "./metrics";
import { worstRoutes } from "./routes";
import { readRoutes } from "./service-metrics";

const MINUTE = 60_000;

function page(text: string) {
  return readMetrics(new Exposition(text));
}

interface Asked {
  readonly route: string;
  readonly status: number;
  readonly count: number;
}

/** Requests that each took less than half a second. */
function asked(...requests: readonly Asked[]): string {
  const lines = requests.map(
    ({ route, status, count }) =>
      `http_requests_total{method="GET",route="${route}",status="${status}"} ${count}`,
  );
  const totals = new Map<string, number>();
  for (const { route, count } of requests) totals.set(route, (totals.get(route) ?? 0) + count);
  for (const [route, total] of totals) {
    for (const bound of ["0.5", "+Inf"]) {
      lines.push(
        `http_request_duration_seconds_bucket{le="${bound}",method="GET",route="${route}"} ${total}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

describe("requests", () => {
  it("leave out what only probes ask for", () => {
    const { requests } = page(
      asked(
        { route: "/api/funds", status: 200, count: 8 },
        { route: "/metrics", status: 200, count: 900 },
        { route: "/readyz", status: 503, count: 900 },
        { route: "/healthz", status: 200, count: 900 },
      ),
    );
    expect(requests.answers).toEqual({ requests: 8, failures: 0, refusals: 0 });
    expect(requests.duration.count).toBe(8);
  });

  it("fail with 500 and above, and are refused with 503", () => {
    const { requests } = page(
      asked(
        { route: "/a", status: 200, count: 8 },
        { route: "/a", status: 404, count: 4 },
        { route: "/a", status: 500, count: 2 },
        { route: "/b", status: 504, count: 1 },
        { route: "/b", status: 503, count: 5 },
      ),
    );
    expect(requests.answers).toEqual({ requests: 20, failures: 3, refusals: 5 });
  });

  it("add up the times of all routes", () => {
    const { requests } = page(
      asked({ route: "/a", status: 200, count: 8 }, { route: "/b", status: 200, count: 2 }),
    );
    expect(requests.duration.count).toBe(10);
    expect(quantile(0.5, requests.duration)).toBeCloseTo(0.25);
  });

  it("are not measured where the server does not count them", () => {
    expect(page("# EOF\n").requests).toMatchObject({ answers: null, inFlight: null, shed: null });
  });
});

describe("the worst routes", () => {
  const at = (minute: number, ...requests: readonly Asked[]) => ({
    at: minute * MINUTE,
    value: readRoutes(new Exposition(asked(...requests))),
  });

  it("are those that failed lately, then those that refused, and none that nobody asked", () => {
    const before = [
      { route: "/idle", status: 500, count: 50 },
      { route: "/well", status: 200, count: 10 },
      { route: "/off", status: 503, count: 10 },
      { route: "/broken", status: 200, count: 10 },
    ];
    const history = [
      at(0, ...before),
      at(
        1,
        { route: "/idle", status: 500, count: 50 },
        { route: "/well", status: 200, count: 20 },
        { route: "/off", status: 503, count: 20 },
        { route: "/broken", status: 200, count: 13 },
        { route: "/broken", status: 500, count: 1 },
        { route: "/new", status: 500, count: 1 },
      ),
    ];
    const found = worstRoutes(history);
    expect(found.map(({ route }) => route)).toEqual([
      "GET /new",
      "GET /broken",
      "GET /off",
      "GET /well",
    ]);
    expect(found[1]).toMatchObject({ requests: 4, failed: 0.25, refused: 0 });
    expect(found[2]).toMatchObject({ requests: 10, failed: 0, refused: 1 });
  });

  it("take two readings", () => {
    expect(worstRoutes([at(0, { route: "/a", status: 500, count: 3 })])).toEqual([]);
  });
});

describe("the arms", () => {
  const counts = (at: number, arm: string, ok: number, failure: number) => ({
    at,
    value: page(`lot_level_requests_total{arm="control",outcome="ok"} 0
lot_level_requests_total{arm="treatment",outcome="ok"} 0
lot_level_requests_total{arm="opted_in",outcome="ok"} 0
lot_level_requests_total{arm="${arm}",outcome="ok"} ${ok}
lot_level_requests_total{arm="${arm}",outcome="failure"} ${failure}
lot_level_request_duration_seconds_bucket{le="0.5",arm="${arm}"} ${ok}
lot_level_request_duration_seconds_bucket{le="5.0",arm="${arm}"} ${ok + failure}
lot_level_request_duration_seconds_bucket{le="+Inf",arm="${arm}"} ${ok + failure}
`),
  });

  it("are the two that are compared, in their order, even without a request", () => {
    const [treatment, control, ...others] = armSummaries([
      counts(0, "treatment", 100, 50),
      counts(MINUTE, "treatment", 106, 52),
    ]);
    expect(treatment).toMatchObject({ arm: "treatment", requests: 8, failures: 2, failed: 0.25 });
    expect(treatment?.p50).toBeCloseTo(1 / 3);
    expect(treatment?.p99).toBeGreaterThan(0.5);
    expect(control).toMatchObject({ arm: "control", requests: 0, failed: null, p95: null });
    expect(others).toEqual([]);
  });

  it("are followed by whoever else asked", () => {
    const found = armSummaries([counts(0, "opted_in", 0, 0), counts(MINUTE, "opted_in", 3, 0)]);
    expect(found.map(({ arm }) => arm)).toEqual(["treatment", "control", "opted_in"]);
  });

  it("are both there and not measured, at the first reading and where the server does not count them", () => {
    const none = { value: page("# EOF\n") };
    const unknown = [
      { arm: "treatment", requests: null, failed: null, p95: null },
      { arm: "control", requests: null, failed: null, p95: null },
    ];
    expect(armSummaries([counts(0, "treatment", 5, 5)])).toMatchObject(unknown);
    const history = [
      { at: 0, ...none },
      { at: MINUTE, ...none },
    ];
    expect(armSummaries(history)).toMatchObject(unknown);
  });
});

describe("the database", () => {
  const { database } = page(`database_query_duration_seconds_bucket{le="0.01",access="read"} 9
database_query_duration_seconds_bucket{le="+Inf",access="read"} 10
database_connections{access="read"} 4
database_connections{access="write"} 1
database_connections_in_use{access="read"} 2
database_requests_waiting{access="read"} 0
database_pool_exhausted_total 3
database_deadlocks_total 1
database_up 0
`);

  it("is told apart by reading and writing", () => {
    expect(database.query.read.count).toBe(10);
    expect(database.query.write.count).toBe(0);
    expect(database.connections).toEqual({ read: 4, write: 1 });
  });

  it("is away, and what is not there is not measured", () => {
    expect(database).toMatchObject({ isUp: false, poolExhausted: 3, deadlocks: 1 });
    expect(database.inUse).toEqual({ read: 2, write: null });
    expect(page("# EOF\n").database.isUp).toBeNull();
  });
});

describe("workers and process", () => {
  it("say how old the queue is, or that nobody knows while the database is away", () => {
    expect(page("snapshot_queue_oldest_age_seconds 301.5\n").workers.oldestAgeSeconds).toBe(301.5);
    expect(page("snapshot_queue_oldest_age_seconds NaN\n").workers.oldestAgeSeconds).toBeNull();
  });

  it("tell hits from misses, and completed jobs from failed ones", () => {
    const { workers } = page(`snapshot_cache_lookups_total{result="hit"} 7
snapshot_cache_lookups_total{result="miss"} 3
snapshot_job_duration_seconds_bucket{le="+Inf",status="complete"} 5
snapshot_job_duration_seconds_bucket{le="+Inf",status="error"} 2
`);
    expect(workers.cache).toEqual({ hits: 7, misses: 3 });
    expect([workers.job.complete.count, workers.job.error.count]).toEqual([5, 2]);
  });

  it("say what the process takes, and since when it runs", () => {
    const { process } = page(`lotwise_build_info{version="0.1.0",engine_version="0.1.0"} 1
process_resident_memory_bytes 62205952
process_cpu_seconds_total 0.16
process_open_fds 26
process_start_time_seconds 1795904851.65
`);
    expect(process).toEqual({
      version: "0.1.0",
      memoryBytes: 62_205_952,
      cpuSeconds: 0.16,
      openFiles: 26,
      startedAt: 1_795_904_851_650,
    });
  });
});
