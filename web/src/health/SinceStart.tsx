import { type Histogram, quantile } from "../evidence/histogram";
import { formatSeconds } from "./format";
import classes from "./HealthPage.module.css";
import { MeasuredCell } from "./MeasuredCell";
import type { Metrics } from "./metrics";
import { Scroller } from "./Scroller";

/** In the order in which they come about; the server gives them in none. */
const STAGES: Readonly<Record<string, string>> = {
  decide: "Rollback: decided",
  commit: "Rollback: committed",
  drain: "Rollback: nobody has the treatment",
  recover: "Rollback: served well without it",
};

const VERDICTS: Readonly<Record<string, string>> = {
  promote: "Rollout: promoted",
  hold: "Rollout: held",
  step_back: "Rollout: stepped back",
  roll_back: "Rollout: rolled back",
};

/** Totals of the process: flags, times, and what its rollouts did. */
export function SinceStart({ metrics }: { metrics: Metrics }) {
  const times: [string, Histogram][] = [
    ["Snapshots, complete", metrics.snapshots.complete],
    ["Snapshots, error", metrics.snapshots.error],
    ["Calculations of the lenses", metrics.calculation],
    ...inOrder(metrics.rollbacks, STAGES)
      .filter(([, { count }]) => count > 0)
      .map(([stage, histogram]): [string, Histogram] => [STAGES[stage] ?? stage, histogram]),
  ];
  const counts: [string, number | null][] = [
    ...Object.entries(metrics.errors).map(([type, count]): [string, number | null] => [
      `Errors: ${type}`,
      count,
    ]),
    ...inOrder(metrics.decisions, VERDICTS).map(([verdict, count]): [string, number] => [
      VERDICTS[verdict] ?? verdict,
      count,
    ]),
    ["Rollout: called somebody", metrics.pages],
  ];
  return (
    <div className={classes.tables}>
      <div className={classes.stack}>
        <Scroller label="Requests by flag since the start">
          <thead>
            <tr>
              <th scope="col">Requests by flag</th>
              <th scope="col">On</th>
              <th scope="col">Off</th>
              <th scope="col">Opted out</th>
              <th scope="col">Killed</th>
            </tr>
          </thead>
          <tbody>
            {[...metrics.flags].map(([key, { on, off, selfDisabled, isKilled }]) => (
              <tr key={key}>
                <th scope="row">{key}</th>
                <td>{count(on)}</td>
                <td>{count(off)}</td>
                <td>{count(selfDisabled)}</td>
                <td>{isKilled ? "yes" : "no"}</td>
              </tr>
            ))}
          </tbody>
        </Scroller>
        <Scroller label="Times since the start">
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Count</th>
              <th scope="col">P50</th>
              <th scope="col">P95</th>
              <th scope="col">P99</th>
            </tr>
          </thead>
          <tbody>
            {times.map(([name, histogram]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{count(histogram.count)}</td>
                {[0.5, 0.95, 0.99].map((part) => (
                  <MeasuredCell
                    key={part}
                    value={quantile(part, histogram)}
                    format={formatSeconds}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </Scroller>
      </div>
      <Scroller label="Counts since the start">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Count</th>
          </tr>
        </thead>
        <tbody>
          {counts.map(([name, total]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <MeasuredCell value={total} format={count} />
            </tr>
          ))}
        </tbody>
      </Scroller>
    </div>
  );
}

/** Entries in the order of their words; those without words come last. */
function inOrder<Value>(
  entries: ReadonlyMap<string, Value>,
  words: Readonly<Record<string, string>>,
): [string, Value][] {
  const order = Object.keys(words);
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return [...entries].sort(([a], [b]) => place(a) - place(b));
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
