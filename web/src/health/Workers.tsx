import { useMemo } from "react";
import { Figures } from "./Figures";
import { figures, formatLasting, formatSeconds, formatShare } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart, type Series } from "./LiveChart";
import { LATELY, QUANTILES } from "./lines";
import type { Metrics } from "./metrics";
import { RESOURCES } from "./resources";
import { Section } from "./Section";
import { gainedLately, QUANTILE_WINDOW_MS, quantiles, share } from "./series";
import type { WorkerMetrics } from "./service-metrics";
import type { ServiceHealth } from "./wire";

const QUEUE: readonly Series[] = [
  { key: "queued", label: "Waiting", tone: "accent" },
  { key: "running", label: "Running", tone: "calm" },
  { key: "dead", label: "Given up", tone: "bad" },
];
const MS = 1000;

interface Props {
  readonly metrics: History<Metrics>;
  readonly queue: History<ServiceHealth["snapshotQueue"]>;
}

/** The queue of snapshots, and what this process' workers do about it. */
export function Workers({ metrics, queue }: Props) {
  const points = useMemo(
    () => ({
      snapshots: quantiles(metrics, ({ snapshots }) => snapshots.complete),
      jobs: quantiles(metrics, ({ workers }) => workers.job.complete),
    }),
    [metrics],
  );
  const waiting = useMemo(
    () => queue.map(({ at, value }) => ({ at, values: { ...value } })),
    [queue],
  );
  const latest = metrics.at(-1)?.value;
  const age = latest?.workers.oldestAgeSeconds ?? null;
  const ended = (counter: (metrics: Metrics) => number) => {
    const count = gainedLately(metrics, QUANTILE_WINDOW_MS, counter);
    return count === null ? null : figures(count);
  };
  return (
    <Section
      title="Workers"
      explanation="The queue is the same for every process, all else is this one's; a snapshot whose inputs were calculated before is a cache hit."
      runbooks={[
        "snapshot-queue-deep",
        "snapshots-wait-too-long",
        "snapshots-given-up",
        "snapshots-slow",
      ]}
    >
      <Figures
        label="Workers now"
        figures={[
          {
            label: "Oldest in the queue",
            value: age === null ? null : age === 0 ? "none" : formatLasting(age * MS),
            note: "since it was asked for",
            isBad: (age ?? 0) * MS > RESOURCES.oldestJob.limitMs,
          },
          {
            label: "Snapshots completed",
            value: ended(({ snapshots }) => snapshots.complete.count),
            note: LATELY,
          },
          {
            label: "Snapshots failed",
            value: ended(({ snapshots }) => snapshots.error.count),
            note: LATELY,
          },
          {
            label: "Attempts failed",
            value: ended(({ workers }) => workers.job.error.count),
            note: LATELY,
          },
          { label: "Cache hits", ...cacheHits(metrics) },
        ]}
      />
      <div className={classes.charts}>
        <LiveChart
          title="Snapshot queue"
          aside="now"
          series={QUEUE}
          points={waiting}
          format={figures}
          empty="Reading…"
        />
        <LiveChart
          title="Snapshots, from accepted to complete"
          aside={LATELY}
          series={QUANTILES}
          points={points.snapshots}
          format={formatSeconds}
          empty="No snapshot was completed since this page was opened."
        />
        <LiveChart
          title="Time of one job"
          aside={LATELY}
          series={QUANTILES}
          points={points.jobs}
          format={formatSeconds}
          empty="No job was completed since this page was opened."
        />
      </div>
    </Section>
  );
}

/** Of the last five minutes where somebody asked, else since the start. */
function cacheHits(metrics: History<Metrics>): { value: string | null; note: string } {
  const part = share(metrics, metrics.length - 1, QUANTILE_WINDOW_MS, ({ workers: { cache } }) => ({
    part: cache.hits,
    whole: lookups(cache),
  }));
  if (part !== null) return { value: formatShare(part), note: LATELY };
  const cache = metrics.at(-1)?.value.workers.cache;
  const all = cache ? lookups(cache) : null;
  const sinceStart = cache?.hits != null && all ? formatShare(cache.hits / all) : null;
  return { value: sinceStart, note: "since the start" };
}

function lookups({ hits, misses }: WorkerMetrics["cache"]): number | null {
  return hits === null || misses === null ? null : hits + misses;
}
