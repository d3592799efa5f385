import { useMemo } from "react";
import { Figures } from "./Figures";
import { figures, formatSeconds, formatShare } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart, type Series } from "./LiveChart";
import { A_MINUTE, LATELY, QUANTILES, TWO_READINGS } from "./lines";
import { MeasuredCell } from "./MeasuredCell";
import type { Metrics } from "./metrics";
import { RESOURCES } from "./resources";
import { type RouteSummary, type Routes, worstRoutes } from "./routes";
import { Scroller } from "./Scroller";
import { Section } from "./Section";
import { gainedLately, perMinute, QUANTILE_WINDOW_MS, quantiles, share } from "./series";
import type { Answers } from "./service-metrics";

const RATE: readonly Series[] = [
  { key: "requests", label: "All", tone: "accent" },
  { key: "refusals", label: "Refused", tone: "notice" },
  { key: "failures", label: "Failed", tone: "bad" },
];

interface Props {
  readonly metrics: History<Metrics>;
  readonly routes: History<Routes>;
}

/** What everybody asks of this process, whatever the route. */
export function Requests({ metrics, routes }: Props) {
  const points = useMemo(
    () => ({
      rate: perMinute(metrics, ({ requests: { answers } }) => ({
        requests: answers?.requests ?? null,
        refusals: answers?.refusals ?? null,
        failures: answers?.failures ?? null,
      })),
      latency: quantiles(metrics, ({ requests }) => requests.duration),
    }),
    [metrics],
  );
  const worst = useMemo(() => worstRoutes(routes), [routes]);
  const part = (key: keyof Answers) =>
    share(metrics, metrics.length - 1, QUANTILE_WINDOW_MS, ({ requests: { answers } }) => ({
      part: answers?.[key] ?? null,
      whole: answers?.requests ?? null,
    }));
  const [failed, refused] = [part("failures"), part("refusals")];
  const shed = gainedLately(metrics, QUANTILE_WINDOW_MS, ({ requests }) => requests.shed);
  const inFlight = metrics.at(-1)?.value.requests.inFlight ?? null;
  return (
    <Section
      title="Requests"
      explanation="All routes of this process but its probes. Failed: 500 and above. Refused: 503, the feature off, too much load, or no database."
      runbooks={["requests-shed"]}
    >
      <Figures
        label="Requests now"
        figures={[
          {
            label: "Failed",
            value: failed === null ? null : formatShare(failed),
            note: LATELY,
            isBad: (failed ?? 0) > RESOURCES.failedRequests.limit,
          },
          { label: "Refused", value: refused === null ? null : formatShare(refused), note: LATELY },
          {
            label: "In flight",
            value: inFlight === null ? null : figures(inFlight),
            note: "now, this page included",
          },
          {
            label: "Refused for load",
            value: shed === null ? null : figures(shed),
            note: LATELY,
            isBad: (shed ?? 0) > 0,
          },
        ]}
      />
      <div className={classes.charts}>
        <LiveChart
          title="Requests, all routes"
          aside={A_MINUTE}
          series={RATE}
          points={points.rate}
          format={figures}
          empty={TWO_READINGS}
        />
        <LiveChart
          title="Latency, all routes"
          aside={LATELY}
          series={QUANTILES}
          points={points.latency}
          format={formatSeconds}
          empty="Nothing was asked since this page was opened."
        />
      </div>
      <RouteTable routes={worst} isFirst={routes.length < 2} />
    </Section>
  );
}

interface RouteTableProps {
  readonly routes: readonly RouteSummary[];
  /** Whether it takes another reading to tell what was asked between the two. */
  readonly isFirst: boolean;
}

function RouteTable({ routes, isFirst }: RouteTableProps) {
  return (
    <Scroller label="Routes, the worst first" className={`${classes.steady} ${classes.routes}`}>
      <thead>
        <tr>
          <th scope="col">Routes, the worst first, {LATELY}</th>
          <th scope="col">Requests</th>
          <th scope="col">Failed</th>
          <th scope="col">Refused</th>
          <th scope="col">P50</th>
          <th scope="col">P95</th>
          <th scope="col">P99</th>
        </tr>
      </thead>
      <tbody>
        {routes.map(({ route, requests, failed, refused, p50, p95, p99 }) => (
          <tr key={route}>
            <th scope="row">{route}</th>
            <td>{figures(requests)}</td>
            <MeasuredCell
              value={failed}
              format={formatShare}
              limit={RESOURCES.failedRequests.limit}
            />
            <td>{formatShare(refused)}</td>
            <MeasuredCell value={p50} format={formatSeconds} />
            <MeasuredCell value={p95} format={formatSeconds} />
            <MeasuredCell value={p99} format={formatSeconds} />
          </tr>
        ))}
        {routes.length === 0 && (
          <tr>
            <td colSpan={7} data-muted>
              {isFirst ? "Reading…" : "Nothing was asked since this page was opened."}
            </td>
          </tr>
        )}
      </tbody>
    </Scroller>
  );
}
