import { type Histogram, sum } from "../evidence/histogram";
import type { Exposition } from "./exposition";

/** How requests were answered. */
export interface Answers {
  readonly requests: number;
  /** Answers of 500 and above, but 503. */
  readonly failures: number;
  /** Answers of 503: the feature is off, too much is asked at once, or the database is away. */
  readonly refusals: number;
}

/** Requests of every route but the probes; null for what the server does not count. */
export interface RequestMetrics {
  readonly answers: Answers | null;
  readonly duration: Histogram;
  readonly inFlight: number | null;
  /** Requests refused because too many were being served. */
  readonly shed: number | null;
}

/** Requests of one route, such as `GET /api/funds`. */
export interface RouteMetrics {
  readonly answers: Answers;
  readonly duration: Histogram;
}

/** Requests of a fund's portfolio by those who are in one arm of a rollout. */
export interface ArmMetrics {
  readonly requests: number;
  /** As a rollout counts them: a refusal because the feature is off is none. */
  readonly failures: number;
  readonly duration: Histogram;
}

export const ACCESSES = ["read", "write"] as const;
export type Access = (typeof ACCESSES)[number];
type ByAccess<Value> = Readonly<Record<Access, Value>>;

/** The database as this process sees it. */
export interface DatabaseMetrics {
  readonly isUp: boolean | null;
  /** From a connection's taking a transaction up to its answer. */
  readonly query: ByAccess<Histogram>;
  readonly wait: ByAccess<Histogram>;
  readonly connections: ByAccess<number | null>;
  readonly inUse: ByAccess<number | null>;
  readonly waiting: ByAccess<number | null>;
  /** Transactions refused because too many waited. */
  readonly poolExhausted: number | null;
  readonly deadlocks: number | null;
}

/** The workers that calculate snapshots; the queue is that of the database, the same in every process. */
export interface WorkerMetrics {
  readonly oldestAgeSeconds: number | null;
  /** One attempt at a snapshot, by how it ended. */
  readonly job: { readonly complete: Histogram; readonly error: Histogram };
  readonly cache: { readonly hits: number | null; readonly misses: number | null };
}

export interface ProcessMetrics {
  readonly version: string | null;
  readonly memoryBytes: number | null;
  readonly cpuSeconds: number | null;
  readonly openFiles: number | null;
  /** In milliseconds since 1970. */
  readonly startedAt: number | null;
}

const REQUESTS = "http_requests_total";
const REQUEST_TIME = "http_request_duration_seconds";
const ARM_REQUESTS = "lot_level_requests_total";
const JOB = "snapshot_job_duration_seconds";
const LOOKUPS = "snapshot_cache_lookups_total";
const MS = 1000;

/** Asked every few seconds by scrapers, orchestrators and this page, they would outnumber what people do. */
const PROBES: ReadonlySet<string> = new Set(["/metrics", "/readyz", "/healthz"]);

const SERVER_ERROR = 500;
const UNAVAILABLE = 503;

/** The requests of each route since the process' start, probes left out. */
export function readRoutes(page: Exposition): Map<string, RouteMetrics> {
  const durations = page.histograms(REQUEST_TIME, routeOf);
  const routes = new Map<string, RouteMetrics>();
  for (const { labels, value } of page.samples(REQUESTS)) {
    if (PROBES.has(labels.route ?? "")) continue;
    const key = routeOf(labels);
    const known = routes.get(key);
    const status = Number(labels.status);
    routes.set(key, {
      answers: add(known?.answers ?? NONE, {
        requests: value,
        failures: status >= SERVER_ERROR && status !== UNAVAILABLE ? value : 0,
        refusals: status === UNAVAILABLE ? value : 0,
      }),
      duration: known?.duration ?? durations.get(key) ?? EMPTY,
    });
  }
  return routes;
}

const NONE: Answers = { requests: 0, failures: 0, refusals: 0 };
const EMPTY: Histogram = { buckets: [], count: 0 };

function routeOf({ method = "", route = "" }: Readonly<Record<string, string>>): string {
  return `${method} ${route}`;
}

function add(one: Answers, other: Answers): Answers {
  return {
    requests: one.requests + other.requests,
    failures: one.failures + other.failures,
    refusals: one.refusals + other.refusals,
  };
}

/** The requests of all routes together. */
export function readRequests(
  page: Exposition,
  routes: ReadonlyMap<string, RouteMetrics>,
): RequestMetrics {
  const all = [...routes.values()];
  return {
    answers:
      page.total(REQUESTS) === null ? null : all.map(({ answers }) => answers).reduce(add, NONE),
    duration: sum(all.map(({ duration }) => duration)) ?? EMPTY,
    inFlight: page.total("http_requests_in_flight"),
    shed: page.total("http_requests_shed_total"),
  };
}

export function readArms(page: Exposition): Map<string, ArmMetrics> {
  const requests = page.by(ARM_REQUESTS, "arm");
  const failures = page.by(ARM_REQUESTS, "arm", { outcome: "failure" });
  const durations = page.histograms("lot_level_request_duration_seconds", ({ arm = "" }) => arm);
  return new Map(
    [...requests].map(([arm, count]) => [
      arm,
      {
        requests: count,
        failures: failures.get(arm) ?? 0,
        duration: durations.get(arm) ?? EMPTY,
      },
    ]),
  );
}

export function readDatabase(page: Exposition): DatabaseMetrics {
  const up = page.total("database_up");
  const histograms = (name: string) => byAccess((access) => page.histogram(name, { access }));
  const levels = (name: string) => byAccess((access) => page.total(name, { access }));
  return {
    isUp: up === null ? null : up === 1,
    query: histograms("database_query_duration_seconds"),
    wait: histograms("database_wait_duration_seconds"),
    connections: levels("database_connections"),
    inUse: levels("database_connections_in_use"),
    waiting: levels("database_requests_waiting"),
    poolExhausted: page.total("database_pool_exhausted_total"),
    deadlocks: page.total("database_deadlocks_total"),
  };
}

function byAccess<Value>(measure: (access: Access) => Value): ByAccess<Value> {
  return { read: measure("read"), write: measure("write") };
}

export function readWorkers(page: Exposition): WorkerMetrics {
  return {
    oldestAgeSeconds: page.total("snapshot_queue_oldest_age_seconds"),
    job: {
      complete: page.histogram(JOB, { status: "complete" }),
      error: page.histogram(JOB, { status: "error" }),
    },
    cache: {
      hits: page.total(LOOKUPS, { result: "hit" }),
      misses: page.total(LOOKUPS, { result: "miss" }),
    },
  };
}

export function readProcess(page: Exposition): ProcessMetrics {
  const startedAt = page.total("process_start_time_seconds");
  return {
    version: page.label("lotwise_build_info", "version"),
    memoryBytes: page.total("process_resident_memory_bytes"),
    cpuSeconds: page.total("process_cpu_seconds_total"),
    openFiles: page.total("process_open_fds"),
    startedAt: startedAt === null ? null : startedAt * MS,
  };
}
