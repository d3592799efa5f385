import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { ArmChart } from "./ArmChart";
import classes from "./ArmCharts.module.css";
import { ArmTable } from "./ArmTable";
import { points } from "./points";
import { evidenceQuery } from "./queries";
import { SPANS, type Span } from "./rollouts-search";
import { SharedResources } from "./SharedResources";
import { isEnd } from "./stage";
import type { Rollout } from "./wire";
import { percent, taking } from "./words";

const route = getRouteApi("/rollouts/$rolloutId");
const POINTS_MAX = 60;
const SPAN: Span = "1h";

/** With the least that an axis reaches to, so that what is nearly nothing does not fill a chart. */
const CHARTS = [
  { key: "errorRate", title: "Failed requests", format: percent, least: 0.01 },
  { key: "p50", title: "Latency P50", format: taking, least: 0.005 },
  { key: "p95", title: "Latency P95", format: taking, least: 0.005 },
  { key: "p99", title: "Latency P99", format: taking, least: 0.005 },
] as const;

/** Both arms over time: errors and latency, as charts and as a table; and what both arms share. */
export function ArmCharts({ rollout }: { rollout: Rollout }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const span = search.span ?? SPAN;
  const endedAt = isEnd(rollout.stage) ? (rollout.endedAt ?? null) : null;
  const evidence = useQuery(evidenceQuery(rollout.id, SPANS[span], endedAt));
  const shown = useMemo(() => points(evidence.data ?? [], POINTS_MAX), [evidence.data]);
  const entries = rollout.phases.flatMap(({ name, enteredAt }) =>
    enteredAt ? [{ name, atMs: Date.parse(enteredAt) }] : [],
  );

  return (
    <section className={`${card.card} ${classes.panel}`} aria-labelledby="arms">
      <header className={card.header}>
        <h2 id="arms" className={card.title}>
          Both arms
        </h2>
        <span className={classes.legend}>
          <span data-arm="treatment">treatment</span>
          <span data-arm="control">control</span>
        </span>
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          className={classes.spans ?? ""}
          value={span}
          data={Object.keys(SPANS)}
          onChange={(chosen) =>
            void navigate({
              search: (rest) => ({ ...rest, span: chosen as Span }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      </header>
      {evidence.error ? (
        <Failure
          error={evidence.error}
          title="The evidence could not be loaded"
          onRetry={() => void evidence.refetch()}
        />
      ) : !evidence.data ? (
        <Skeleton height={220} radius={8} aria-label="Loading" />
      ) : shown.length === 0 ? (
        <p className={classes.none}>
          Nothing was seen in this time. A tick of evidence comes every 15 seconds in which there
          are requests.
        </p>
      ) : (
        <>
          <div className={classes.charts}>
            {CHARTS.map(({ key, title, format, least }) => (
              <ArmChart
                key={key}
                title={title}
                points={shown}
                figure={key}
                format={format}
                least={least}
                entries={entries}
              />
            ))}
          </div>
          <ArmTable points={shown} />
        </>
      )}
      <SharedResources
        triggers={rollout.assessment.triggers}
        latest={evidence.data?.at(-1)?.shared}
      />
    </section>
  );
}
