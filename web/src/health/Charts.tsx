import { useMemo } from "react";
import { FEATURE } from "../flags/overrides";
import { figures, formatLasting, formatSeconds } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart, type Series } from "./LiveChart";
import type { Metrics } from "./metrics";
import { perMinute, QUANTILE_WINDOW_MS, quantiles, RATE_WINDOW_MS } from "./series";
import type { ServiceHealth } from "./wire";

const QUANTILES: readonly Series[] = [
  { key: "p50", label: "P50", tone: "calm" },
  { key: "p95", label: "P95", tone: "accent" },
  { key: "p99", label: "P99", tone: "notice" },
];
const REQUESTS: readonly Series[] = [
  { key: "on", label: "Lot-level", tone: "accent" },
  { key: "off", label: "Refused, flag off", tone: "calm" },
];
const ERRORS: readonly Series[] = [
  { key: "validation", label: "Validation", tone: "accent" },
  { key: "calculation", label: "Calculation", tone: "bad" },
  { key: "database", label: "Database", tone: "notice" },
];
const QUEUE: readonly Series[] = [
  { key: "queued", label: "Waiting", tone: "accent" },
  { key: "running", label: "Running", tone: "calm" },
  { key: "dead", label: "Given up", tone: "bad" },
];
const ENDED: readonly Series[] = [
  { key: "complete", label: "Complete", tone: "accent" },
  { key: "error", label: "Error", tone: "bad" },
];

const A_MINUTE = `per minute, over ${formatLasting(RATE_WINDOW_MS)}`;
const LATELY = `over ${formatLasting(QUANTILE_WINDOW_MS)}`;

interface Props {
  readonly metrics: History<Metrics>;
  readonly queue: History<ServiceHealth["snapshotQueue"]>;
}

/** What the process counts, over the time that the page is open. */
export function Charts({ metrics, queue }: Props) {
  const points = useMemo(
    () => ({
      requests: perMinute(metrics, ({ flags }) => {
        const counts = flags.get(FEATURE);
        return { on: counts?.on ?? 0, off: counts?.off ?? 0 };
      }),
      errors: perMinute(metrics, ({ errors }) => errors),
      ended: perMinute(metrics, ({ snapshots: { complete, error } }) => ({
        complete: complete.count,
        error: error.count,
      })),
      snapshots: quantiles(metrics, ({ snapshots }) => snapshots.complete),
      calculation: quantiles(metrics, ({ calculation }) => calculation),
    }),
    [metrics],
  );
  const waiting = useMemo(
    () => queue.map(({ at, value }) => ({ at, values: { ...value } })),
    [queue],
  );
  const rates = { format: figures, aside: A_MINUTE, empty: "Two readings make a rate." };
  return (
    <div className={classes.charts}>
      <LiveChart title="Guarded requests" series={REQUESTS} points={points.requests} {...rates} />
      <LiveChart title="Lot-level errors" series={ERRORS} points={points.errors} {...rates} />
      <LiveChart
        title="Calculation of the lenses"
        aside={LATELY}
        series={QUANTILES}
        points={points.calculation}
        format={formatSeconds}
        empty="Nothing was calculated since this page was opened."
      />
      <LiveChart
        title="Snapshot queue"
        aside="now"
        series={QUEUE}
        points={waiting}
        format={figures}
        empty="Reading…"
      />
      <LiveChart title="Snapshots ended" series={ENDED} points={points.ended} {...rates} />
      <LiveChart
        title="Snapshots, from accepted to complete"
        aside={LATELY}
        series={QUANTILES}
        points={points.snapshots}
        format={formatSeconds}
        empty="No snapshot was completed since this page was opened."
      />
    </div>
  );
}
