import { gained, quantile } from "../evidence/histogram";
import { summarize } from "../evidence/summary";
import type { Concern, Level, Place, Seen } from "./attention";
import { figures, formatLasting, formatSeconds, formatShare } from "./format";
import { type History, heldSince, windowStart } from "./history";
import type { Metrics } from "./metrics";
import { observed, QUANTILE_WINDOW_MS } from "./series";

const MINUTE_MS = 60_000;

/** The product's alerts: a limit, and how long it must be exceeded before somebody is called. */
export const ALERTS = {
  errorRate: { limit: 0.01, windowMs: 5 * MINUTE_MS },
  snapshotP95: { limit: 5, lastingMs: 10 * MINUTE_MS },
  queueDepth: { limit: 100, lastingMs: 15 * MINUTE_MS },
  selfDisabled: { limit: 10, windowMs: 60 * MINUTE_MS },
} as const;

/** The alerts that the readings of this page give rise to; they cannot look back further than the page is open. */
export function alerts(seen: Seen): Concern[] {
  return [
    ...errorRate(seen),
    ...snapshotP95(seen.metrics),
    ...queueDepth(seen.queue),
    ...selfDisabled(seen.metrics),
    ...serverErrors(seen.metrics),
  ];
}

function errorRate({ ticks }: Seen): Concern[] {
  const { limit, windowMs } = ALERTS.errorRate;
  const last = ticks.at(-1);
  if (!last) return [];
  const lately = ticks.filter(({ at }) => last.at - at < windowMs);
  const {
    requests,
    failures,
    errorRate: share,
  } = summarize(lately.map(({ treatment }) => treatment));
  if (share === null || share <= limit) return [];
  return [
    {
      id: "error rate",
      level: "firing",
      title: `${formatShare(share)} of the lot-level requests fail`,
      advice: `${failures} of ${figures(requests)} in 5 min; the limit is ${formatShare(limit)}. Look at the rollout: it rolls back by itself where its policy says so, and can be held or rolled back by hand.`,
      place: { page: "rollouts" },
    },
  ];
}

function snapshotP95(history: History<Metrics>): Concern[] {
  const { limit, lastingMs } = ALERTS.snapshotP95;
  const p95 = (index: number) => {
    const seen = observed(
      history,
      index,
      QUANTILE_WINDOW_MS,
      ({ snapshots }) => snapshots.complete,
    );
    return seen ? quantile(0.95, seen) : null;
  };
  const since = heldSince(history, (index) => (p95(index) ?? 0) > limit);
  const present = p95(history.length - 1);
  if (since === null || present === null) return [];
  return [
    lasting(history, since, lastingMs, {
      id: "snapshot P95",
      title: `Snapshots take ${formatSeconds(present)} (P95)`,
      advice: `The limit is ${formatSeconds(limit)} for ${formatLasting(lastingMs)}. Look at the size of the funds, the queue and the database.`,
      place: { page: "snapshots" },
    }),
  ];
}

function queueDepth(history: Seen["queue"]): Concern[] {
  const { limit, lastingMs } = ALERTS.queueDepth;
  const since = heldSince(history, (index) => (history[index]?.value.queued ?? 0) > limit);
  if (since === null) return [];
  return [
    lasting(history, since, lastingMs, {
      id: "queue depth",
      title: `${history.at(-1)?.value.queued} snapshots wait`,
      advice: `The limit is ${limit} for ${formatLasting(lastingMs)}. Look at the workers' capacity: are they running, and is the database fast enough?`,
      place: { page: "snapshots" },
    }),
  ];
}

interface Cause {
  readonly id: string;
  readonly title: string;
  readonly advice: string;
  readonly place: Place;
}

function lasting(
  history: History<unknown>,
  since: number,
  neededMs: number,
  cause: Cause,
): Concern {
  const lastedMs = (history.at(-1)?.at ?? since) - since;
  const level: Level = lastedMs >= neededMs ? "firing" : "pending";
  return { ...cause, level, title: `${cause.title}, for ${formatLasting(lastedMs)}` };
}

function selfDisabled(history: History<Metrics>): Concern[] {
  const { limit, windowMs } = ALERTS.selfDisabled;
  const [start, last] = [windowStart(history, history.length - 1, windowMs), history.at(-1)];
  if (!start || !last) return [];
  return [...last.value.flags].flatMap(([key, counts]) => {
    const people = gained(start.value.flags.get(key)?.selfDisabled ?? 0, counts.selfDisabled);
    if (people <= limit) return [];
    return [
      {
        id: `turned off: ${key}`,
        level: "firing" as const,
        title: `${people} people turned ${key} off for themselves within ${formatLasting(last.at - start.at)}`,
        advice: `The limit is ${limit} an hour. Check its usability: read what they said, and try it as they do.`,
        place: { page: "flag" as const, key },
      },
    ];
  });
}

/** Errors that are not the caller's; one is worth a look, long before it is a rate. */
function serverErrors(history: History<Metrics>): Concern[] {
  const start = windowStart(history, history.length - 1, ALERTS.errorRate.windowMs);
  const last = history.at(-1);
  if (!start || !last) return [];
  return (["calculation", "database"] as const).flatMap((type) => {
    const count = gained(start.value.errors[type], last.value.errors[type]);
    if (count === 0) return [];
    return [
      {
        id: `${type} errors`,
        level: "notice" as const,
        title: `${count} ${type} ${count === 1 ? "error" : "errors"} in the last ${formatLasting(last.at - start.at)}`,
        advice: "Find them in the server's log: each has the id of its request.",
      },
    ];
  });
}
