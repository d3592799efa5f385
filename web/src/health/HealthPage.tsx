import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { FEATURE } from "../flags/overrides";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { Arms } from "./Arms";
import { Attention } from "./Attention";
import { AuditCheck } from "./AuditCheck";
import { concerns } from "./attention";
import { Charts } from "./Charts";
import { formatClock, formatLasting } from "./format";
import classes from "./HealthPage.module.css";
import { useHistory } from "./history";
import {
  evidenceQuery,
  metricsQuery,
  needsMetricsToken,
  presentRolloutsQuery,
  READ_EVERY_MS,
  readinessQuery,
  serviceHealthQuery,
} from "./queries";
import { SinceStart } from "./SinceStart";

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
  const queue = useHistory(health.data?.snapshotQueue, health.dataUpdatedAt);
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
        <h2 className={classes.section}>This process, while this page is open</h2>
        {metrics.error ? (
          <Failure
            error={needsMetricsToken(metrics.error) ? METRICS_KEPT : metrics.error}
            title="The metrics could not be loaded"
            onRetry={() => void metrics.refetch()}
          />
        ) : metrics.data ? (
          <Charts metrics={readings} queue={queue} />
        ) : (
          <Skeleton height={420} radius={10} aria-label="Loading" />
        )}
        <h2 className={classes.section}>Both arms, and what they share</h2>
        {rollouts.error ? (
          <Failure
            error={rollouts.error}
            title="The rollouts could not be loaded"
            onRetry={() => void rollouts.refetch()}
          />
        ) : rollouts.data === undefined ? (
          <Skeleton height={200} radius={10} aria-label="Loading" />
        ) : rollouts.data.length > 0 ? (
          rollouts.data.map((each) => <Arms key={each.id} rollout={each} />)
        ) : (
          <p className={classes.explanation}>
            The error rate and latency of requests, the use of the database's pool, deadlocks and
            memory are counted while a rollout goes on. None does.{" "}
            <Link to="/rollouts/new">Start one</Link>
          </p>
        )}
        {metrics.data && (
          <>
            <h2 className={classes.section}>Since the process started</h2>
            <SinceStart metrics={metrics.data.metrics} />
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
