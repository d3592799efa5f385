import { gained } from "../evidence/histogram";
import { summarize } from "../evidence/summary";
import { FEATURE } from "../flags/overrides";
import type { Concern, Level, Seen } from "./attention";
import { figures, formatLasting, formatSeconds, formatShare } from "./format";
import { type History, heldSince, windowStart } from "./history";
import type { Metrics } from "./metrics";
import { quantileAt, share } from "./series";

const MINUTE_MS = 60_000;
/** The arm whose requests the alerts judge. */
const WITH_FEATURE = "treatment";

/** The product's alerts: a limit, and how long it must be exceeded before somebody is called. */
export const ALERTS = {
  errorRate: { limit: 0.01, windowMs: 5 * MINUTE_MS, lastingMs: 5 * MINUTE_MS },
  requestP95: { limit: 5, lastingMs: 10 * MINUTE_MS },
  snapshotP95: { limit: 5, lastingMs: 10 * MINUTE_MS },
  queueDepth: { limit: 100, lastingMs: 15 * MINUTE_MS },
  selfDisabled: { limit: 10, windowMs: 60 * MINUTE_MS },
} as const;

/** The alerts that the readings of this page give rise to; they cannot look back further than the page is open. */
export function alerts(seen: Seen): Concern[] {
  return [
    ...errorRate(seen),
    ...requestP95(seen.metrics),
    ...snapshotP95(seen.metrics),
    ...queueDepth(seen.queue),
    ...selfDisabled(seen.metrics),
    ...serverErrors(seen.metrics),
  ];
}

/** Of the evidence of all processes while a rollout goes on, else of what this one counted. */
function errorRate({ ticks, metrics }: Seen): Concern[] {
  const { limit, windowMs } = ALERTS.errorRate;
  const last = ticks.at(-1);
  if (!last) return errorRateHere(metrics);
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
      runbook: "lot-level-errors",
    },
  ];
}

/** One failure counts for five minutes and this wants more than five, so a single one in a quiet night is no alert. */
function errorRateHere(history: History<Metrics>): Concern[] {
  const { limit, windowMs, lastingMs } = ALERTS.errorRate;
  const failed = (index: number) =>
    share(history, index, windowMs, ({ arms }) => {
      const { failures = null, requests = null } = arms.get(WITH_FEATURE) ?? {};
      return { part: failures, whole: requests };
    });
  const since = heldSince(history, (index) => (failed(index) ?? 0) > limit);
  const present = failed(history.length - 1);
  if (since === null || present === null) return [];
  return [
    lasting(history, since, lastingMs, {
      id: "error rate",
      title: `${formatShare(present)} of the lot-level requests fail`,
      advice: `The limit is ${formatShare(limit)} for ${formatLasting(lastingMs)}. Compare the arms below: if both fail, it is something they share. If it is the feature, kill it.`,
      place: { page: "flag", key: FEATURE },
      runbook: "lot-level-errors",
    }),
  ];
}

function requestP95(history: History<Metrics>): Concern[] {
  const { limit, lastingMs } = ALERTS.requestP95;
  const p95 = (index: number) =>
    quantileAt(history, index, 0.95, ({ arms }) => arms.get(WITH_FEATURE)?.duration ?? null);
  const since = heldSince(history, (index) => (p95(index) ?? 0) > limit);
  const present = p95(history.length - 1);
  if (since === null || present === null) return [];
  return [
    lasting(history, since, lastingMs, {
      id: "request P95",
      title: `Lot-level requests take ${formatSeconds(present)} (P95)`,
      advice: `The limit is ${formatSeconds(limit)} for ${formatLasting(lastingMs)}. Compare the arms, then the database and the processor, below.`,
      place: { page: "rollouts" },
      runbook: "lot-level-slow",
    }),
  ];
}

function snapshotP95(history: History<Metrics>): Concern[] {
  const { limit, lastingMs } = ALERTS.snapshotP95;
  const p95 = (index: number) =>
    quantileAt(history, index, 0.95, ({ snapshots }) => snapshots.complete);
  const since = heldSince(history, (index) => (p95(index) ?? 0) > limit);
  const present = p95(history.length - 1);
  if (since === null || present === null) return [];
  return [
    lasting(history, since, lastingMs, {
      id: "snapshot P95",
      title: `Snapshots take ${formatSeconds(present)} (P95)`,
      advice: `The limit is ${formatSeconds(limit)} for ${formatLasting(lastingMs)}. Look at the size of the funds, the queue and the database.`,
      place: { page: "snapshots" },
      runbook: "snapshots-slow",
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
      runbook: "snapshot-queue-deep",
    }),
  ];
}

/** A concern that becomes an alert once it has lasted long enough. */
export function lasting(
  history: History<unknown>,
  since: number,
  neededMs: number,
  cause: Omit<Concern, "level">,
): Concern {
  const lastedMs = lasted(history, since);
  const title = `${cause.title}, for ${formatLasting(lastedMs)}`;
  return { ...cause, level: levelAfter(lastedMs, neededMs), title };
}

/** How long something has held that began at `since`, in milliseconds. */
export function lasted(history: History<unknown>, since: number): number {
  return (history.at(-1)?.at ?? since) - since;
}

export function levelAfter(lastedMs: number, neededMs: number): Level {
  return lastedMs >= neededMs ? "firing" : "pending";
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
        runbook: "feature-turned-off-by-users" as const,
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
    const count = gained(start.value.errors[type] ?? 0, last.value.errors[type] ?? 0);
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
