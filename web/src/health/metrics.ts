import type { Histogram } from "../evidence/histogram";
import type { Exposition } from "./exposition";
import type { Routes } from "./routes";
import {
  type ArmMetrics,
  type DatabaseMetrics,
  type ProcessMetrics,
  type RequestMetrics,
  readArms,
  readDatabase,
  readProcess,
  readRequests,
  readRoutes,
  readWorkers,
  type WorkerMetrics,
} from "./service-metrics";

/** Counts of a flag since the server's start. */
export interface FlagCounts {
  readonly on: number;
  readonly off: number;
  readonly selfDisabled: number;
  readonly isKilled: boolean;
}

/** What went wrong at the lot level, by type; null for what the server does not count. */
export type ErrorCounts = Readonly<Record<ErrorType, number | null>>;
export const ERROR_TYPES = ["validation", "calculation", "database"] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** What `/metrics` says, of one process and since its start. */
export interface Metrics {
  readonly snapshots: { readonly complete: Histogram; readonly error: Histogram };
  readonly calculation: Histogram;
  readonly errors: ErrorCounts;
  readonly flags: ReadonlyMap<string, FlagCounts>;
  readonly rollbacks: ReadonlyMap<string, Histogram>;
  readonly decisions: ReadonlyMap<string, number>;
  readonly pages: number;
  readonly rollouts: ReadonlyMap<string, LiveRollout>;
  readonly requests: RequestMetrics;
  readonly arms: ReadonlyMap<string, ArmMetrics>;
  readonly database: DatabaseMetrics;
  readonly workers: WorkerMetrics;
  readonly process: ProcessMetrics;
  /** What users said of a feature, by whether it was useful to them. */
  readonly feedback: ReadonlyMap<string, number>;
  readonly tickets: ReadonlyMap<string, number>;
}

/** Where the rollout of a flag is that has not ended. */
export interface LiveRollout {
  /** Its state without the reason of a hold, such as `Soaking`; null where the server does not say. */
  readonly state: string | null;
  /** The part of the users that its phase exposes, from 0 to 1; null where its policy cannot be read. */
  readonly exposure: number | null;
}

const SNAPSHOT = "portfolio_snapshot_creation_duration_seconds";
const CALCULATION = "lot_moic_calculation_duration_seconds";
const ROLLBACK = "rollout_rollback_duration_seconds";
const PERCENT = 100;

export function readMetrics(page: Exposition, routes: Routes = readRoutes(page)): Metrics {
  const errors = page.by("lot_moic_errors_total", "error_type");
  // One pass computes every lens, and is counted under each.
  const [lens = ""] = page.by(`${CALCULATION}_count`, "lens_type").keys();
  const stages = [...page.by(`${ROLLBACK}_count`, "stage").keys()];
  return {
    snapshots: {
      complete: page.histogram(SNAPSHOT, { status: "complete" }),
      error: page.histogram(SNAPSHOT, { status: "error" }),
    },
    calculation: page.histogram(CALCULATION, { lens_type: lens }),
    errors: {
      validation: errors.get("validation") ?? null,
      calculation: errors.get("calculation") ?? null,
      database: errors.get("database") ?? null,
    },
    flags: readFlags(page),
    rollbacks: new Map(stages.map((stage) => [stage, page.histogram(ROLLBACK, { stage })])),
    decisions: page.by("rollout_decisions_total", "verdict"),
    pages: page.total("rollout_pages_total") ?? 0,
    rollouts: readRollouts(page),
    requests: readRequests(page, routes),
    arms: readArms(page),
    database: readDatabase(page),
    workers: readWorkers(page),
    process: readProcess(page),
    feedback: page.by("user_feedback_total", "sentiment"),
    tickets: page.by("support_tickets_total", "severity"),
  };
}

function readRollouts(page: Exposition): Map<string, LiveRollout> {
  const exposures = page.by("rollout_exposure_percent", "flag_name");
  const states = new Map<string, string>();
  for (const { labels, value } of page.samples("rollout_state")) {
    if (value === 1 && labels.flag_name && labels.state) states.set(labels.flag_name, labels.state);
  }
  const keys = [...new Set([...exposures.keys(), ...states.keys()])].sort();
  return new Map(
    keys.map((key) => {
      const percent = exposures.get(key);
      const exposure = percent === undefined ? null : percent / PERCENT;
      return [key, { state: states.get(key) ?? null, exposure }];
    }),
  );
}

function readFlags(page: Exposition): Map<string, FlagCounts> {
  const decided = (enabled: string) =>
    page.by("feature_flag_checks_total", "flag_name", { enabled });
  const [on, off] = [decided("true"), decided("false")];
  const selfDisabled = page.by("feature_flag_self_disabled_total", "flag_name");
  const killed = page.by("feature_flag_killed", "flag_name");
  const keys = [...new Set([...on.keys(), ...off.keys()])].sort();
  return new Map(
    keys.map((key) => [
      key,
      {
        on: on.get(key) ?? 0,
        off: off.get(key) ?? 0,
        selfDisabled: selfDisabled.get(key) ?? 0,
        isKilled: killed.get(key) === 1,
      },
    ]),
  );
}
