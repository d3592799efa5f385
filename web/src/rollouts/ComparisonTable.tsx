import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Failure } from "../shell/Failure";
import classes from "./Details.module.css";
import { comparisonQuery } from "./queries";
import table from "./table.module.css";
import type { ArmFigures, Estimate, PhaseComparison, Rollout } from "./wire";
import { count, instantText, percent, taking } from "./words";

/** The arms of every entry of a phase, with intervals that hold however often one looks. */
export function ComparisonTable({ rollout }: { rollout: Rollout }) {
  const comparison = useQuery(comparisonQuery(rollout.id, rollout.version));
  if (comparison.error)
    return (
      <Failure
        error={comparison.error}
        title="The comparison could not be loaded"
        onRetry={() => void comparison.refetch()}
      />
    );
  if (!comparison.data) return <Skeleton height={160} radius={8} aria-label="Loading" />;
  if (comparison.data.length === 0)
    return <p className={classes.none}>No phase was entered yet.</p>;
  const alpha = comparison.data[0]?.alpha;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={table.scroller} tabIndex={0} aria-label="Arms by phase">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Phase</th>
              <th scope="col" className={table.word}>
                Arm
              </th>
              <th scope="col">Users</th>
              <th scope="col">Requests</th>
              <th scope="col">Failed</th>
              <th scope="col">P50</th>
              <th scope="col">P95</th>
              <th scope="col">P99</th>
              <th scope="col">Fails as often as the control</th>
            </tr>
          </thead>
          <tbody>
            {comparison.data.map((phase) => (
              <PhaseRows key={phase.entry} phase={phase} />
            ))}
          </tbody>
        </table>
      </section>
      <p className={classes.note}>
        Below each figure the interval that holds it, wrong with a probability of{" "}
        {alpha === undefined ? "–" : percent(alpha)} at most, at any time. People who opted in or
        out chose their arm and are left out.
      </p>
    </>
  );
}

function PhaseRows({ phase }: { phase: PhaseComparison }) {
  const chose = phase.optedIn + phase.optedOut;
  return (
    <>
      <tr>
        <th scope="rowgroup" rowSpan={2}>
          <strong className={table.strong}>{phase.phase}</strong>
          <span className={table.interval}>{instantText(phase.enteredAt)}</span>
          {chose > 0 && (
            <span className={table.interval}>
              left out: {count(phase.optedIn)} opted in, {count(phase.optedOut)} out
            </span>
          )}
        </th>
        <td className={table.word}>treatment</td>
        <Figures arm={phase.treatment} />
        <td rowSpan={2}>
          <Bounded estimate={phase.errorRatio} format={times} />
          {phase.observational && <span className={table.interval}>people chose their arm</span>}
        </td>
      </tr>
      <tr>
        <td className={table.word}>control</td>
        <Figures arm={phase.control} />
      </tr>
    </>
  );
}

function Figures({ arm }: { arm: ArmFigures }) {
  return (
    <>
      <td>{count(arm.users)}</td>
      <td>{count(arm.requests)}</td>
      <td>
        <Bounded estimate={arm.errorRate} format={percent} />
      </td>
      <td>
        <Bounded estimate={arm.p50} format={taking} />
      </td>
      <td>
        <Bounded estimate={arm.p95} format={taking} />
      </td>
      <td>
        <Bounded estimate={arm.p99} format={taking} />
      </td>
    </>
  );
}

function Bounded(props: { estimate: Estimate | null; format: (value: number) => string }) {
  const { estimate, format } = props;
  if (!estimate) return "–";
  return (
    <>
      {format(estimate.value)}
      <span className={table.interval}>{intervalText(estimate, format)}</span>
    </>
  );
}

function intervalText({ lower, upper }: Estimate, format: (value: number) => string): string {
  if (lower === null && upper === null) return "not bounded yet";
  if (lower === null) return upper === null ? "" : `at most ${format(upper)}`;
  return upper === null ? `at least ${format(lower)}` : `${format(lower)} to ${format(upper)}`;
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} times`;
}
