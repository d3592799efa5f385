import { gained } from "../evidence/histogram";
import type { Tick } from "../evidence/tick";
import { alerts } from "./alerts";
import { formatLasting } from "./format";
import type { History } from "./history";
import type { Metrics } from "./metrics";
import { resources } from "./resources";
import type { Runbook } from "./runbooks";
import type { ServiceHealth } from "./wire";

/** Firing: act now. Pending: becomes an alert if it lasts. Notice: somebody should look at it. */
export type Level = "firing" | "pending" | "notice";

/** Where something can be done about a concern. */
export type Place =
  | { readonly page: "flag"; readonly key: string }
  | { readonly page: "snapshots" }
  | { readonly page: "rollouts" };

/** Something that is not as it should be, and what to do. */
export interface Concern {
  readonly id: string;
  readonly level: Level;
  readonly title: string;
  readonly advice: string;
  readonly place?: Place;
  /** The page that says what to do when its alert fires. */
  readonly runbook?: Runbook;
}

/** What the page knows about the service. */
export interface Seen {
  readonly readiness:
    | { readonly warnings: readonly string[]; readonly notReady?: readonly string[] }
    | undefined;
  readonly isUnreachable: boolean;
  readonly health: Pick<ServiceHealth, "warnings" | "snapshotQueue"> | undefined;
  readonly metrics: History<Metrics>;
  readonly queue: History<ServiceHealth["snapshotQueue"]>;
  readonly ticks: readonly Tick[];
}

const ORDER: readonly Level[] = ["firing", "pending", "notice"];

/** Everything that needs somebody, the most urgent first. */
export function concerns(seen: Seen): Concern[] {
  const found = [
    ...readiness(seen),
    ...alerts(seen),
    ...resources(seen),
    ...flags(seen),
    ...stuckRollbacks(seen),
    ...queue(seen),
    ...setUp(seen),
  ];
  return found.sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

function readiness({ readiness, isUnreachable }: Seen): Concern[] {
  if (isUnreachable) {
    return [
      {
        id: "unreachable",
        level: "firing",
        title: "The server does not answer",
        advice:
          "Check that the process runs and that the network reaches it. What is shown below is old.",
        runbook: "replica-down",
      },
    ];
  }
  return (readiness?.notReady ?? []).map((reason) => ({
    id: `not ready: ${reason}`,
    level: "firing",
    title: `Not ready: ${reason}`,
    advice: "Check that the database runs and can be reached; lotwise doctor says what is wrong.",
    runbook: "database-down",
  }));
}

function setUp({ readiness, health }: Seen): Concern[] {
  const warnings = new Set([...(readiness?.warnings ?? []), ...(health?.warnings ?? [])]);
  return [...warnings].map((warning) => ({
    id: `warning: ${warning}`,
    level: "notice",
    title: "The set-up has a fault",
    advice: warning,
  }));
}

function flags({ metrics }: Seen): Concern[] {
  const [first, last] = [metrics[0], metrics.at(-1)];
  if (!first || !last) return [];
  const killed: Concern[] = [...last.value.flags]
    .filter(([, { isKilled }]) => isKilled)
    .map(([key]) => ({
      id: `killed: ${key}`,
      level: "notice",
      title: `${key} is killed`,
      advice: "Off for everyone. Restore it once the cause is mended; no data is lost meanwhile.",
      place: { page: "flag", key },
      runbook: "flag-killed",
    }));
  const pages = gained(first.value.pages, last.value.pages);
  if (pages === 0) return killed;
  const called: Concern = {
    id: "pages",
    level: "firing",
    title: `A rollout called somebody${pages > 1 ? ` ${pages} times` : ""} in the last ${formatLasting(last.at - first.at)}`,
    advice: "Read its last decision: it says what it waits for and who can go on.",
    place: { page: "rollouts" },
    runbook: "rollout-calls",
  };
  return [called, ...killed];
}

function stuckRollbacks({ metrics }: Seen): Concern[] {
  return [...(metrics.at(-1)?.value.rollouts ?? [])]
    .filter(([, { state }]) => state === "RollbackStuck")
    .map(([key]) => ({
      id: `rollback stuck: ${key}`,
      level: "firing",
      title: `The rollback of ${key} is stuck`,
      advice:
        "A process contradicts that the flag is as it was before. It is tried again; look at what that process serves.",
      place: { page: "rollouts" },
      runbook: "rollback-stuck",
    }));
}

function queue({ health }: Seen): Concern[] {
  const dead = health?.snapshotQueue.dead ?? 0;
  if (dead === 0) return [];
  return [
    {
      id: "dead",
      level: "notice",
      title: dead === 1 ? "A snapshot was given up" : `${dead} snapshots were given up`,
      advice: "Each says why on its fund's snapshots page. Mend the cause, then retry it there.",
      place: { page: "snapshots" },
      runbook: "snapshots-given-up",
    },
  ];
}
