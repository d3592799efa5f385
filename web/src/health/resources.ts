import { lasted, lasting, levelAfter } from "./alerts";
import type { Concern, Seen } from "./attention";
import { figures, formatLasting, formatShare } from "./format";
import { type History, heldSince, windowStart } from "./history";
import type { Metrics } from "./metrics";
import { gainedLately, share } from "./series";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Limits of what all requests share, and over which time they are looked at. */
export const RESOURCES = {
  databaseDown: { lastingMs: MINUTE_MS },
  oldestJob: { limitMs: 5 * MINUTE_MS, lastingMs: MINUTE_MS },
  failedRequests: { limit: 0.01 },
  windowMs: 5 * MINUTE_MS,
} as const;

/** What is wrong with what all requests share: the database, the workers, and how much is asked. */
export function resources(seen: Seen): Concern[] {
  return [
    ...databaseDown(seen),
    ...poolExhausted(seen.metrics),
    ...shedding(seen.metrics),
    ...oldestJob(seen.metrics),
    ...deadlocks(seen.metrics),
    ...failedRequests(seen.metrics),
  ];
}

/** Said once: a server that is not ready says itself that its database is away, and at once. */
function databaseDown({ readiness, isUnreachable, metrics }: Seen): Concern[] {
  if (isUnreachable || (readiness?.notReady ?? []).length > 0) return [];
  const { lastingMs } = RESOURCES.databaseDown;
  const since = heldSince(metrics, (index) => metrics[index]?.value.database.isUp === false);
  if (since === null) return [];
  return [
    lasting(metrics, since, lastingMs, {
      id: "database down",
      title: "The database does not answer",
      advice:
        "Flags are served as last known, and the rest is refused. Check that the database runs and can be reached; lotwise doctor says what is wrong.",
      runbook: "database-down",
    }),
  ];
}

function poolExhausted(metrics: History<Metrics>): Concern[] {
  const refused = lately(metrics, ({ database }) => database.poolExhausted);
  if (refused === 0) return [];
  return [
    {
      id: "pool exhausted",
      level: "firing",
      title: `${counted(refused, "transaction")} refused in the last ${lookedBack(metrics)}: no connection was free`,
      advice:
        "Users get 503. Compare query times with the connections in use: is the database slow, or is more asked than it has connections for?",
      runbook: "database-pool-exhausted",
    },
  ];
}

function shedding(metrics: History<Metrics>): Concern[] {
  const shed = lately(metrics, ({ requests }) => requests.shed);
  if (shed === 0) return [];
  return [
    {
      id: "shedding",
      level: "firing",
      title: `${counted(shed, "request")} refused in the last ${lookedBack(metrics)}: too many at once`,
      advice:
        "Users get 503 overloaded and can try again. See below which routes are slow; if it lasts, add a process.",
      runbook: "requests-shed",
    },
  ];
}

function oldestJob(metrics: History<Metrics>): Concern[] {
  const { limitMs, lastingMs } = RESOURCES.oldestJob;
  const age = (index: number) => (metrics[index]?.value.workers.oldestAgeSeconds ?? 0) * SECOND_MS;
  const since = heldSince(metrics, (index) => age(index) > limitMs);
  if (since === null) return [];
  return [
    {
      id: "oldest snapshot",
      level: levelAfter(lasted(metrics, since), lastingMs),
      title: `A snapshot is not done ${formatLasting(age(metrics.length - 1))} after it was asked for`,
      advice: `The limit is ${formatLasting(limitMs)}. Look at the workers: are they running, and what do they say in the log?`,
      place: { page: "snapshots" },
      runbook: "snapshots-wait-too-long",
    },
  ];
}

/** Each was run again, so nobody noticed; many would slow everything down. */
function deadlocks(metrics: History<Metrics>): Concern[] {
  const lost = lately(metrics, ({ database }) => database.deadlocks);
  if (lost === 0) return [];
  return [
    {
      id: "deadlocks",
      level: "notice",
      title: `${counted(lost, "transaction")} lost a deadlock in the last ${lookedBack(metrics)}`,
      advice: "Each was run again. The database's log names the statements that met.",
      runbook: "database-deadlocks",
    },
  ];
}

/** Of every route; that of the lot level alone is an alert. */
function failedRequests(metrics: History<Metrics>): Concern[] {
  const { limit } = RESOURCES.failedRequests;
  const failed = share(metrics, metrics.length - 1, RESOURCES.windowMs, ({ requests }) => ({
    part: requests.answers?.failures ?? null,
    whole: requests.answers?.requests ?? null,
  }));
  if (failed === null || failed <= limit) return [];
  return [
    {
      id: "failed requests",
      level: "notice",
      title: `${formatShare(failed)} of all requests failed in the last ${lookedBack(metrics)}`,
      advice:
        "The table of routes below begins with the worst. The server's log has each failure with the id of its request.",
    },
  ];
}

function lately(metrics: History<Metrics>, counter: (metrics: Metrics) => number | null): number {
  return gainedLately(metrics, RESOURCES.windowMs, counter) ?? 0;
}

/** How far back these readings go, which is less than five minutes until the page is open for as long. */
function lookedBack(metrics: History<Metrics>): string {
  const start = windowStart(metrics, metrics.length - 1, RESOURCES.windowMs);
  return formatLasting((metrics.at(-1)?.at ?? 0) - (start?.at ?? 0));
}

/** `1 request`, `12 requests`. */
function counted(count: number, what: string): string {
  return `${figures(count)} ${what}${count === 1 ? "" : "s"}`;
}
