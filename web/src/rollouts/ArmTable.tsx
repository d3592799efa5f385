import type { ArmSummary } from "../evidence/summary";
import classes from "./ArmCharts.module.css";
import type { Point } from "./points";
import table from "./table.module.css";
import { count, instantText, percent, taking } from "./words";

const ARMS = ["treatment", "control"] as const;

/** The charts' figures as text, the newest first. */
export function ArmTable({ points }: { points: readonly Point[] }) {
  return (
    <details className={classes.disclosure}>
      <summary>The charts as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={table.scroller} tabIndex={0} aria-label="Both arms over time">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Until</th>
              <th scope="col">Arm</th>
              <th scope="col">Requests</th>
              <th scope="col">Failed</th>
              <th scope="col">P50</th>
              <th scope="col">P95</th>
              <th scope="col">P99</th>
            </tr>
          </thead>
          <tbody>
            {points.toReversed().flatMap((point) =>
              ARMS.map((arm) => (
                <tr key={`${point.at} ${arm}`}>
                  <th scope="row">{instantText(point.at)}</th>
                  <td className={table.word}>{arm}</td>
                  <Figures of={point[arm]} />
                </tr>
              )),
            )}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Figures({ of: { requests, errorRate, p50, p95, p99 } }: { of: ArmSummary }) {
  return (
    <>
      <td>{count(requests)}</td>
      <td>{errorRate === null ? "–" : percent(errorRate)}</td>
      {[p50, p95, p99].map((seconds, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: three columns that never move
        <td key={index}>{seconds === null ? "–" : taking(seconds)}</td>
      ))}
    </>
  );
}
