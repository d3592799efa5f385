import { useMemo } from "react";
import { type Figure, Figures } from "./Figures";
import { figures, formatSeconds } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart } from "./LiveChart";
import { BY_ACCESS, LATELY } from "./lines";
import type { Metrics } from "./metrics";
import { Section } from "./Section";
import { gainedLately, lines, QUANTILE_WINDOW_MS, quantileAt } from "./series";
import { ACCESSES, type Access, type DatabaseMetrics } from "./service-metrics";

/** The database as this process sees it. */
export function Database({ metrics }: { metrics: History<Metrics> }) {
  const points = useMemo(
    () => ({
      query: lines(metrics, ACCESSES, (access, index) =>
        quantileAt(metrics, index, 0.95, ({ database }) => database.query[access]),
      ),
      wait: lines(metrics, ACCESSES, (access, index) =>
        quantileAt(metrics, index, 0.95, ({ database }) => database.wait[access]),
      ),
      inUse: lines(metrics, ACCESSES, (access, _, { database }) => database.inUse[access]),
    }),
    [metrics],
  );
  const database = metrics.at(-1)?.value.database;
  const lately = (counter: (database: DatabaseMetrics) => number | null): Partial<Figure> => {
    const count = gainedLately(metrics, QUANTILE_WINDOW_MS, ({ database }) => counter(database));
    return { value: count === null ? null : figures(count), isBad: (count ?? 0) > 0 };
  };
  return (
    <Section
      title="Database"
      explanation="How long this process' transactions take and wait, and whether it has connections enough; who loses a deadlock is run again."
      runbooks={["database-down", "database-pool-exhausted", "database-deadlocks"]}
    >
      <Figures
        label="Database now"
        figures={[
          {
            label: "Answers",
            value: answers(database?.isUp ?? null),
            note: "when last needed",
            isBad: database?.isUp === false,
          },
          {
            label: "Connections, reading",
            value: inUse(database, "read"),
            note: waiting(database, "read"),
          },
          {
            label: "Connections, writing",
            value: inUse(database, "write"),
            note: waiting(database, "write"),
          },
          {
            label: "Refused, none free",
            value: null,
            note: LATELY,
            ...lately(({ poolExhausted }) => poolExhausted),
          },
          {
            label: "Deadlocks",
            value: null,
            note: LATELY,
            ...lately(({ deadlocks }) => deadlocks),
          },
        ]}
      />
      <div className={classes.charts}>
        <LiveChart
          title="Query time, P95"
          aside={LATELY}
          series={BY_ACCESS}
          points={points.query}
          format={formatSeconds}
          empty="Nothing was asked of the database since this page was opened."
        />
        <LiveChart
          title="Wait for a connection, P95"
          aside={LATELY}
          series={BY_ACCESS}
          points={points.wait}
          format={formatSeconds}
          empty="Nothing was asked of the database since this page was opened."
        />
        <LiveChart
          title="Connections in use"
          aside="now"
          series={BY_ACCESS}
          points={points.inUse}
          format={figures}
          empty="This server does not measure it."
        />
      </div>
    </Section>
  );
}

function answers(isUp: boolean | null): string | null {
  if (isUp === null) return null;
  return isUp ? "yes" : "no";
}

function inUse(database: DatabaseMetrics | undefined, access: Access): string | null {
  const [used, open] = [database?.inUse[access] ?? null, database?.connections[access] ?? null];
  return used === null || open === null ? null : `${figures(used)} of ${figures(open)}`;
}

function waiting(database: DatabaseMetrics | undefined, access: Access): string {
  const count = database?.waiting[access] ?? null;
  if (count === null) return "in use";
  return count === 0 ? "in use, nobody waits" : `in use, ${figures(count)} wait`;
}
