import { describe, expect, it } from "vitest";
import { quantile } from "../evidence/histogram";
import { Exposition } from "./exposition";
import { readMetrics } from "./metrics";

/** As the server writes it: sums and counts before buckets, label set by label set. */
const PAGE = `# HELP portfolio_snapshot_creation_duration_seconds Time from accepting a snapshot to its end, by how it ended.
# TYPE portfolio_snapshot_creation_duration_seconds histogram
portfolio_snapshot_creation_duration_seconds_sum{status="complete"} 1.5
portfolio_snapshot_creation_duration_seconds_count{status="complete"} 4
portfolio_snapshot_creation_duration_seconds_bucket{le="0.1",status="complete"} 1
portfolio_snapshot_creation_duration_seconds_bucket{le="0.5",status="complete"} 3
portfolio_snapshot_creation_duration_seconds_bucket{le="+Inf",status="complete"} 4
portfolio_snapshot_creation_duration_seconds_sum{status="error"} 0.0
portfolio_snapshot_creation_duration_seconds_count{status="error"} 0
portfolio_snapshot_creation_duration_seconds_bucket{le="0.1",status="error"} 0
portfolio_snapshot_creation_duration_seconds_bucket{le="0.5",status="error"} 0
portfolio_snapshot_creation_duration_seconds_bucket{le="+Inf",status="error"} 0
# HELP lot_moic_calculation_duration_seconds Time of the pass that computed a lens; one pass computes them all.
# TYPE lot_moic_calculation_duration_seconds histogram
lot_moic_calculation_duration_seconds_count{lens_type="current_moic"} 2
lot_moic_calculation_duration_seconds_bucket{le="0.01",lens_type="current_moic"} 2
lot_moic_calculation_duration_seconds_bucket{le="+Inf",lens_type="current_moic"} 2
lot_moic_calculation_duration_seconds_count{lens_type="exit_moic"} 2
lot_moic_calculation_duration_seconds_bucket{le="0.01",lens_type="exit_moic"} 2
lot_moic_calculation_duration_seconds_bucket{le="+Inf",lens_type="exit_moic"} 2
# HELP feature_flag_checks Decisions about a flag.
# TYPE feature_flag_checks counter
feature_flag_checks_total{flag_name="useFundStore",enabled="true"} 0
feature_flag_checks_total{flag_name="enableLotLevelMoic",enabled="false"} 3
feature_flag_checks_total{flag_name="useFundStore",enabled="false"} 0
feature_flag_checks_total{flag_name="enableLotLevelMoic",enabled="true"} 39
# HELP feature_flag_self_disabled People who turned a flag off for themselves, each at most once an hour.
# TYPE feature_flag_self_disabled counter
feature_flag_self_disabled_total{flag_name="enableLotLevelMoic"} 1
# HELP feature_flag_killed Whether a flag is killed in this process, by an operator or by its environment variable.
# TYPE feature_flag_killed gauge
feature_flag_killed{flag_name="useFundStore"} 0
feature_flag_killed{flag_name="enableLotLevelMoic"} 1
# HELP lot_moic_errors Errors of the lot-level routes and workers, by type.
# TYPE lot_moic_errors counter
lot_moic_errors_total{error_type="validation"} 5
lot_moic_errors_total{error_type="database"} 0
lot_moic_errors_total{error_type="calculation"} 2
# HELP rollout_decisions Decisions of rollouts that this process controlled.
# TYPE rollout_decisions counter
rollout_decisions_total{verdict="roll_back"} 1
# HELP rollout_pages Times a rollout called somebody.
# TYPE rollout_pages counter
rollout_pages_total 2
# HELP rollout_exposure_percent Share of users that the phase of a live rollout exposes; absent without a rollout.
# TYPE rollout_exposure_percent gauge
rollout_exposure_percent{flag_name="enableLotLevelMoic"} 25.0
# HELP rollout_state State of a live rollout, as 1.
# TYPE rollout_state gauge
rollout_state{flag_name="enableLotLevelMoic",state="Soaking"} 1
# HELP user_feedback What users said of a feature to this process.
# TYPE user_feedback counter
user_feedback_total{sentiment="not_useful"} 1
user_feedback_total{sentiment="useful"} 7
# HELP support_tickets Tickets about a feature that this process took.
# TYPE support_tickets counter
support_tickets_total{severity="critical"} 0
support_tickets_total{severity="normal"} 3
# EOF
`;

describe("the metrics of the server", () => {
  const metrics = readMetrics(new Exposition(PAGE));

  it("keep the histograms of a name apart by their labels", () => {
    expect(metrics.snapshots.complete.count).toBe(4);
    expect(metrics.snapshots.error.count).toBe(0);
    expect(quantile(0.5, metrics.snapshots.complete)).toBeCloseTo(0.3);
    expect(quantile(0.95, metrics.snapshots.error)).toBeNull();
  });

  it("count a pass once, though every lens names it", () => {
    expect(metrics.calculation.count).toBe(2);
  });

  it("say of each flag who got it, who left it, and whether it is killed", () => {
    expect([...metrics.flags.keys()]).toEqual(["enableLotLevelMoic", "useFundStore"]);
    expect(metrics.flags.get("enableLotLevelMoic")).toEqual({
      on: 39,
      off: 3,
      selfDisabled: 1,
      isKilled: true,
    });
    expect(metrics.flags.get("useFundStore")?.isKilled).toBe(false);
  });

  it("count errors by type, decisions by verdict, and calls", () => {
    expect(metrics.errors).toEqual({ validation: 5, calculation: 2, database: 0 });
    expect(metrics.decisions.get("roll_back")).toBe(1);
    expect(metrics.pages).toBe(2);
  });

  it("say where a rollout is and whom it exposes", () => {
    expect(metrics.rollouts.get("enableLotLevelMoic")).toEqual({
      state: "Soaking",
      exposure: 0.25,
    });
  });

  it("count what people said and the tickets they sent", () => {
    expect(metrics.feedback.get("not_useful")).toBe(1);
    expect(metrics.tickets.get("normal")).toBe(3);
    expect(metrics.tickets.get("high")).toBeUndefined();
  });

  it("are zero or not known where a server does not have them", () => {
    const none = readMetrics(new Exposition("# EOF\n"));
    expect(none.snapshots.complete.count).toBe(0);
    expect(none.flags.size).toBe(0);
    expect(none.pages).toBe(0);
    expect(none.errors.database).toBeNull();
  });
});
