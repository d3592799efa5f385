import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import classes from "./ArmCharts.module.css";
import type { Point } from "./points";

const HEIGHT = 150;
const AXIS_WIDTH = 58;
const TICK = { fill: "var(--ink-muted)", fontSize: 11 };

interface Props {
  readonly title: string;
  readonly points: readonly Point[];
  readonly figure: "errorRate" | "p50" | "p95" | "p99";
  readonly format: (value: number) => string;
  /** What the axis reaches to at least. */
  readonly least: number;
  /** When phases were entered. */
  readonly entries: readonly { readonly name: string; readonly atMs: number }[];
}

/** One figure of both arms over time. What it shows is in the table below the charts, too. */
export function ArmChart({ title, points, figure, format, least, entries }: Props) {
  const rows = points.map(({ atMs, treatment, control }) => ({
    atMs,
    treatment: treatment[figure],
    control: control[figure],
  }));
  const last = rows.at(-1);
  const said = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : format(value);
  const first = rows[0]?.atMs ?? 0;
  const most = rows.reduce(
    (most, row) => Math.max(most, row.treatment ?? 0, row.control ?? 0),
    least,
  );
  return (
    <figure className={classes.chart}>
      <figcaption>
        {title}
        <span>
          <strong>{said(last?.treatment)}</strong> · {said(last?.control)}
        </span>
      </figcaption>
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={HEIGHT}>
          <LineChart data={rows} accessibilityLayer={false} margin={{ top: 8, right: 6 }}>
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="atMs"
              type="number"
              scale="time"
              domain={["dataMin", "dataMax"]}
              tick={TICK}
              tickFormatter={clock}
              minTickGap={40}
              stroke="var(--line-strong)"
            />
            <YAxis
              width={AXIS_WIDTH}
              tick={TICK}
              tickFormatter={format}
              tickCount={3}
              domain={[0, most]}
              stroke="var(--line-strong)"
            />
            {entries
              .filter(({ atMs }) => atMs > first)
              .map(({ name, atMs }) => (
                <ReferenceLine
                  key={name}
                  x={atMs}
                  stroke="var(--line-strong)"
                  strokeDasharray="2 3"
                  label={{ value: name, position: "insideTopLeft", ...TICK }}
                />
              ))}
            <Tooltip isAnimationActive={false} content={<Reading format={format} />} />
            <Line {...LINE} dataKey="control" stroke="var(--ink-muted)" strokeDasharray="4 3" />
            <Line {...LINE} dataKey="treatment" stroke="var(--accent)" />
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}

const LINE = {
  type: "linear",
  dot: false,
  strokeWidth: 1.8,
  isAnimationActive: false,
} as const;

interface ReadingProps {
  readonly format: (value: number) => string;
  // What the chart hands in.
  readonly active?: boolean;
  readonly label?: string | number;
  readonly payload?: readonly { readonly dataKey?: unknown; readonly value?: unknown }[];
}

function Reading({ format, active, label, payload = [] }: ReadingProps) {
  if (!active || label === undefined) return null;
  return (
    <div className={classes.tooltip}>
      <time>{clock(Number(label))}</time>
      {payload.toReversed().map(({ dataKey, value }) => (
        <div key={String(dataKey)}>
          {String(dataKey)} {typeof value === "number" ? format(value) : "no request"}
        </div>
      ))}
    </div>
  );
}

/** The time of day in UTC, in which the server has its instants. */
function clock(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}
