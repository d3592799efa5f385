import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { FEATURE } from "../flags/overrides";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { Arms } from "./Arms";
import { Attention } from "./Attention";
import { AuditCheck } from "./AuditCheck";
import { concerns } from "./attention";
import { Database } from "./Database";
import { formatClock, formatLasting } from "./format";
import classes from "./HealthPage.module.css";
import { useHistory } from "./history";
import { LotLevel } from "./LotLevel";
import { People } from "./People";
import { Process } from "./Process";
import {
  evidenceQuery,
  metricsQuery,
  needsMetricsToken,
  presentRolloutsQuery,
  READ_EVERY_MS,
  readinessQuery,
  serviceHealthQuery,
} from "./queries";
import { Requests } from "./Requests";
import { Section } from "./Section";
import { SinceStart } from "./SinceStart";
import { QUANTILE_WINDOW_MS } from "./series";
import { Workers } from "./Workers";

/** Of routes only the last five minutes are shown, and there are many. */
const ROUTE_READINGS_MAX = QUANTILE_WINDOW_MS / READ_EVERY_MS + 1;

/** How the service is doing: what needs somebody first, then what it counts, live. */
export function HealthPage() {
  const readiness = useQuery(readinessQuery);
  const health = useQuery(serviceHealthQuery);
  const metrics = useQuery(metricsQuery);
  const rollouts = useQuery(presentRolloutsQuery);
  const rollout = rollouts.data?.find(({ flag }) => flag === FEATURE);
  const evidence = useQuery({
    ...evidenceQuery(rollout?.id ?? ""),
    enabled: rollout !== undefined,
  });
  const readings = useHistory(metrics.data?.metrics, metrics.dataUpdatedAt);
  const routes = useHistory(metrics.data?.routes, metrics.dataUpdatedAt, ROUTE_READINGS_MAX);
  const queue = useHistory(health.data?.snapshotQueue, health.dataUpdatedAt);
  const latest = readings.at(-1)?.value;
  const found = useMemo(
    () =>
      concerns({
        readiness: readiness.data,
        isUnreachable: readiness.isError,
        health: health.data,
        metrics: readings,
        queue,
        ticks: evidence.data ?? [],
      }),
    [readiness.data, readiness.isError, health.data, readings, queue, evidence.data],
  );

  return (
    <>
      <title>Health · Lotwise</title>
      <PageHeading
        title="Health"
        facts={
          <>
            {health.data && `${health.data.environment} · engine ${health.data.engineVersion}`}
            {readiness.data &&
              ` · read at ${formatClock(readiness.dataUpdatedAt)} UTC, every ${formatLasting(READ_EVERY_MS)}`}
          </>
        }
      />
      <div className={classes.page}>
        <Attention concerns={found} isReady={readiness.data !== undefined} />
        {health.error && (
          <Failure
            error={health.error}
            title="The queue could not be loaded"
            onRetry={() => void health.refetch()}
          />
        )}
        {metrics.error && (
          <Failure
            error={needsMetricsToken(metrics.error) ? METRICS_KEPT : metrics.error}
            title="The metrics could not be loaded"
            onRetry={() => void metrics.refetch()}
          />
        )}
        {metrics.isPending && <Skeleton height={420} radius={10} aria-label="Loading" />}
        {latest && <Requests metrics={readings} routes={routes} />}
        <Arms metrics={readings} />
        {latest && (
          <>
            <LotLevel metrics={readings} />
            <Database metrics={readings} />
            <Workers metrics={readings} queue={queue} />
            <Process metrics={readings} />
            <People metrics={latest} />
            <Section
              title="Since the process started"
              explanation="Totals of this process; a restart begins them anew."
            >
              <SinceStart metrics={latest} />
            </Section>
          </>
        )}
        <AuditCheck />
      </div>
    </>
  );
}

const METRICS_KEPT = new Error(
  "This server gives its metrics only to who has the metrics token (LOTWISE_METRICS_TOKEN), such as Prometheus. Look at them there.",
);
