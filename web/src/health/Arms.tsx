import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { summarize } from "../evidence/summary";
import type { ArmCounts, Tick } from "../evidence/tick";
import { Failure } from "../shell/Failure";
import { formatBytes, formatSeconds, formatShare } from "./format";
import classes from "./HealthPage.module.css";
import { LiveChart, type Series } from "./LiveChart";
import { evidenceQuery } from "./queries";
import type { Point } from "./series";
import type { Rollout } from "./wire";

const ARMS: readonly Series[] = [
  { key: "treatment", label: "Treatment", tone: "accent" },
  { key: "control", label: "Control", tone: "calm" },
];
const POOL: readonly Series[] = [{ key: "pool", label: "In use", tone: "accent" }];
const MEMORY: readonly Series[] = [{ key: "memory", label: "Resident", tone: "accent" }];
const LATELY = "last 15 min, every 15 s";

/** Errors and latency of both arms and what they share, counted while a rollout goes on. */
export function Arms({ rollout }: { rollout: Rollout }) {
  const evidence = useQuery(evidenceQuery(rollout.id));
  const points = useMemo(() => pointsOf(evidence.data ?? []), [evidence.data]);
  return (
    <>
      <p className={classes.facts}>
        <Link to="/rollouts/$rolloutId" params={{ rolloutId: rollout.id }}>
          Rollout of {rollout.flag}
        </Link>
        {rollout.phase && `, phase ${rollout.phase}`}
        {evidence.data && `. ${deadlocks(evidence.data)}`}
      </p>
      {evidence.error ? (
        <Failure
          error={evidence.error}
          title="What was counted could not be loaded"
          onRetry={() => void evidence.refetch()}
        />
      ) : evidence.data ? (
        <div className={classes.charts}>
          <LiveChart
            title="Requests"
            aside={LATELY}
            series={ARMS}
            points={points.requests}
            format={String}
            empty="Nothing was counted yet."
          />
          <LiveChart
            title="Failed requests"
            aside={LATELY}
            series={ARMS}
            points={points.failures}
            format={formatShare}
            empty="No request was counted in this time."
          />
          <LiveChart
            title="Latency, P95"
            aside={LATELY}
            series={ARMS}
            points={points.p95}
            format={formatSeconds}
            empty="No request was measured in this time."
          />
          <LiveChart
            title="Latency, P99"
            aside={LATELY}
            series={ARMS}
            points={points.p99}
            format={formatSeconds}
            empty="No request was measured in this time."
          />
          <LiveChart
            title="Database pool"
            aside={LATELY}
            series={POOL}
            points={points.pool}
            format={formatShare}
            empty="Nothing was counted yet."
          />
          <LiveChart
            title="Memory of the process"
            aside={LATELY}
            series={MEMORY}
            points={points.memory}
            format={formatBytes}
            empty="Nothing was counted yet."
          />
        </div>
      ) : (
        <Skeleton height={200} radius={10} aria-label="Loading" />
      )}
    </>
  );
}

function deadlocks(ticks: readonly Tick[]): string {
  const count = ticks.reduce((sum, tick) => sum + (tick.shared.deadlocks ?? 0), 0);
  return count === 0 ? "No deadlock." : `Deadlocks: ${count}.`;
}

function pointsOf(ticks: readonly Tick[]) {
  const byArm = (measure: (arm: ArmCounts) => number | null): Point[] =>
    ticks.map(({ at, treatment, control }) => ({
      at,
      values: { treatment: measure(treatment), control: measure(control) },
    }));
  const level = (series: string, name: string): Point[] =>
    ticks.map(({ at, shared }) => ({ at, values: { [series]: shared[name] ?? null } }));
  return {
    requests: byArm(({ requests }) => requests),
    failures: byArm((arm) => summarize([arm]).errorRate),
    p95: byArm((arm) => summarize([arm]).p95),
    p99: byArm((arm) => summarize([arm]).p99),
    pool: level("pool", "poolInUse"),
    memory: level("memory", "workerMemoryBytes"),
  };
}
