import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { summarize } from "../evidence/summary";
import type { ArmCounts, Tick } from "../evidence/tick";
import { FEATURE } from "../flags/overrides";
import { stageWords } from "../rollouts/stage";
import { Failure } from "../shell/Failure";
import { ALERTS } from "./alerts";
import { armSummaries, COMPARED_ARMS } from "./arms";
import { Figures } from "./Figures";
import { figures, formatSeconds, formatShare } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart } from "./LiveChart";
import { A_MINUTE, BY_ARM, LATELY } from "./lines";
import { MeasuredCell } from "./MeasuredCell";
import type { Metrics } from "./metrics";
import { evidenceQuery, presentRolloutsQuery } from "./queries";
import { Scroller } from "./Scroller";
import { Section } from "./Section";
import { lines, type Point, perMinute, QUANTILE_WINDOW_MS, quantileAt, share } from "./series";
import type { Rollout } from "./wire";

/** Who is in an arm; the server's own word where a newer one has more. */
const ARM_WORDS: Readonly<Record<string, string>> = {
  treatment: "Treatment",
  control: "Control",
  opted_in: "Opted in themselves",
  opted_out: "Opted out themselves",
  elsewhere: "Decided by something else",
};
const EVIDENCE = "all processes, every 15 s";

/** Where the rollout is, and its two arms beside each other. */
export function Arms({ metrics }: { metrics: History<Metrics> }) {
  const rollouts = useQuery(presentRolloutsQuery);
  return (
    <Section
      title="Rollout and both arms"
      explanation="A fund's requests, legacy MOIC included, by whether the draw gives the feature; a refusal because it is off is no failure."
      runbooks={[
        "lot-level-errors",
        "lot-level-slow",
        "rolled-back",
        "rollout-calls",
        "rollback-stuck",
      ]}
    >
      {rollouts.error ? (
        <Failure
          error={rollouts.error}
          title="The rollouts could not be loaded"
          onRetry={() => void rollouts.refetch()}
        />
      ) : rollouts.data === undefined ? (
        <Skeleton height={20} aria-label="Loading" />
      ) : (
        <RolloutFacts rollouts={rollouts.data} />
      )}
      {metrics.length > 0 && (
        <>
          <RolloutFigures metrics={metrics} />
          <ArmTable metrics={metrics} />
        </>
      )}
      {rollouts.data?.length === 0 && metrics.length > 0 && <ChartsHere metrics={metrics} />}
      {rollouts.data?.map((rollout) => (
        <ChartsOfEvidence key={rollout.id} rollout={rollout} />
      ))}
    </Section>
  );
}

function RolloutFacts({ rollouts }: { rollouts: readonly Rollout[] }) {
  if (rollouts.length === 0) {
    return (
      <p className={classes.explanation}>
        No rollout goes on. <Link to="/rollouts/new">Start one</Link>
      </p>
    );
  }
  return rollouts.map(({ id, flag, phase }) => (
    <p key={id} className={classes.explanation}>
      <Link to="/rollouts/$rolloutId" params={{ rolloutId: id }}>
        Rollout of {flag}
      </Link>
      {phase && `, phase ${phase}`}
    </p>
  ));
}

/** As this process tells it, of every flag that has a rollout; of the feature where none has. */
function RolloutFigures({ metrics }: { metrics: History<Metrics> }) {
  const live = metrics.at(-1)?.value.rollouts ?? new Map();
  const flags = live.size > 0 ? [...live.keys()] : [FEATURE];
  return (
    <Figures
      label="Rollout now"
      figures={flags.flatMap((flag) => {
        const { state = null, exposure = null } = live.get(flag) ?? {};
        const none = live.size === 0 ? "no rollout" : null;
        return [
          { label: "State", value: state === null ? none : stageWords(state), note: flag },
          {
            label: "Exposure",
            value: exposure === null ? none : formatShare(exposure),
            note: "of the users",
          },
        ];
      })}
    />
  );
}

function ArmTable({ metrics }: { metrics: History<Metrics> }) {
  const arms = useMemo(() => armSummaries(metrics), [metrics]);
  const { errorRate, requestP95 } = ALERTS;
  return (
    <Scroller label="Both arms beside each other" className={classes.steady}>
      <thead>
        <tr>
          <th scope="col">Arm, {LATELY}</th>
          <th scope="col">Requests</th>
          <th scope="col">Failures</th>
          <th scope="col">Failed</th>
          <th scope="col">P50</th>
          <th scope="col">P95</th>
          <th scope="col">P99</th>
        </tr>
      </thead>
      <tbody>
        {arms.map(({ arm, requests, failures, failed, p50, p95, p99 }) => (
          <tr key={arm}>
            <th scope="row">{ARM_WORDS[arm] ?? arm}</th>
            <MeasuredCell value={requests} format={figures} />
            <MeasuredCell value={failures} format={figures} />
            <MeasuredCell value={failed} format={formatShare} limit={errorRate.limit} />
            <MeasuredCell value={p50} format={formatSeconds} />
            <MeasuredCell value={p95} format={formatSeconds} limit={requestP95.limit} />
            <MeasuredCell value={p99} format={formatSeconds} />
          </tr>
        ))}
      </tbody>
    </Scroller>
  );
}

/** What this process counted, while no rollout keeps evidence. */
function ChartsHere({ metrics }: { metrics: History<Metrics> }) {
  const points = useMemo(
    () => ({
      requests: perMinute(metrics, ({ arms }) =>
        Object.fromEntries(COMPARED_ARMS.map((arm) => [arm, arms.get(arm)?.requests ?? null])),
      ),
      failed: lines(metrics, COMPARED_ARMS, (arm, index) =>
        share(metrics, index, QUANTILE_WINDOW_MS, ({ arms }) => ({
          part: arms.get(arm)?.failures ?? null,
          whole: arms.get(arm)?.requests ?? null,
        })),
      ),
      p95: lines(metrics, COMPARED_ARMS, (arm, index) =>
        quantileAt(metrics, index, 0.95, ({ arms }) => arms.get(arm)?.duration ?? null),
      ),
    }),
    [metrics],
  );
  return <ArmCharts points={points} rate={A_MINUTE} lately={LATELY} />;
}

/** What all processes counted of a rollout: it goes back to before this page was opened. */
function ChartsOfEvidence({ rollout }: { rollout: Rollout }) {
  const evidence = useQuery(evidenceQuery(rollout.id));
  const points = useMemo(() => pointsOf(evidence.data ?? []), [evidence.data]);
  if (evidence.error) {
    return (
      <Failure
        error={evidence.error}
        title="What was counted could not be loaded"
        onRetry={() => void evidence.refetch()}
      />
    );
  }
  if (!evidence.data) return <Skeleton height={200} radius={10} aria-label="Loading" />;
  return <ArmCharts points={points} rate={EVIDENCE} lately={EVIDENCE} />;
}

interface ArmPoints {
  readonly requests: readonly Point[];
  readonly failed: readonly Point[];
  readonly p95: readonly Point[];
}

interface ArmChartsProps {
  readonly points: ArmPoints;
  /** Of which time the requests are, and of which the others. */
  readonly rate: string;
  readonly lately: string;
}

function ArmCharts({ points, rate, lately }: ArmChartsProps) {
  return (
    <div className={classes.charts}>
      <LiveChart
        title="Requests by arm"
        aside={rate}
        series={BY_ARM}
        points={points.requests}
        format={figures}
        empty="Nothing was counted yet."
      />
      <LiveChart
        title="Failed requests by arm"
        aside={lately}
        series={BY_ARM}
        points={points.failed}
        format={formatShare}
        empty="No request was counted in this time."
      />
      <LiveChart
        title="Latency by arm, P95"
        aside={lately}
        series={BY_ARM}
        points={points.p95}
        format={formatSeconds}
        empty="No request was measured in this time."
      />
    </div>
  );
}

function pointsOf(ticks: readonly Tick[]): ArmPoints {
  const byArm = (measure: (arm: ArmCounts) => number | null): Point[] =>
    ticks.map(({ at, treatment, control }) => ({
      at,
      values: { treatment: measure(treatment), control: measure(control) },
    }));
  return {
    requests: byArm(({ requests }) => requests),
    failed: byArm((arm) => summarize([arm]).errorRate),
    p95: byArm((arm) => summarize([arm]).p95),
  };
}
