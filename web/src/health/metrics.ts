import type { Histogram } from "../evidence/histogram";
import { Exposition } from "./exposition";

/** Counts of a flag since the server's start. */
export interface FlagCounts {
  readonly on: number;
  readonly off: number;
  readonly selfDisabled: number;
  readonly isKilled: boolean;
}

/** What went wrong at the lot level, by type. */
export type ErrorCounts = Readonly<Record<ErrorType, number>>;
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
}

const SNAPSHOT = "portfolio_snapshot_creation_duration_seconds";
const CALCULATION = "lot_moic_calculation_duration_seconds";
const ROLLBACK = "rollout_rollback_duration_seconds";

export function readMetrics(text: string): Metrics {
  const page = new Exposition(text);
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
      validation: errors.get("validation") ?? 0,
      calculation: errors.get("calculation") ?? 0,
      database: errors.get("database") ?? 0,
    },
    flags: readFlags(page),
    rollbacks: new Map(stages.map((stage) => [stage, page.histogram(ROLLBACK, { stage })])),
    decisions: page.by("rollout_decisions_total", "verdict"),
    pages: page.total("rollout_pages_total") ?? 0,
  };
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
