import { useId } from "react";
import { CartesianGrid, Line, LineChart, ResponsiveContainer, XAxis, YAxis } from "recharts";
import card from "../shell/card.module.css";
import { formatClock, NOT_MEASURED } from "./format";
import classes from "./LiveChart.module.css";
import type { Point } from "./series";

/** How a line looks; its dashes tell it from the others where colours do not. */
export type Tone = "calm" | "accent" | "notice" | "bad";

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly tone: Tone;
}

interface Props {
  readonly title: string;
  /** What is measured, and over which time. */
  readonly aside: string;
  readonly series: readonly Series[];
  readonly points: readonly Point[];
  readonly format: (value: number) => string;
  /** What to say while no line has a value. */
  readonly empty: string;
}

const COLOR: Record<Tone, string> = {
  calm: "var(--ink-muted)",
  accent: "var(--accent)",
  notice: "var(--notice)",
  bad: "var(--below-cost)",
};

const DASHES: Record<Tone, string> = { calm: "2 3", accent: "0", notice: "7 3", bad: "0" };

/** Values over the time that the page is open; the present ones are written out beside their names. */
export function LiveChart({ title, aside, series, points, format, empty }: Props) {
  const id = useId();
  const present = points.at(-1)?.values ?? {};
  const hasValues = points.some(({ values }) =>
    series.some(({ key }) => typeof values[key] === "number"),
  );
  return (
    <section className={card.card} aria-labelledby={id}>
      <header className={card.header}>
        <h3 id={id} className={card.title}>
          {title}
        </h3>
        <span className={card.aside}>{aside}</span>
      </header>
      <dl className={classes.legend}>
        {series.map(({ key, label, tone }) => (
          <div key={key}>
            <dt>
              <Swatch tone={tone} />
              {label}
            </dt>
            {typeof present[key] === "number" ? (
              <dd>{format(present[key])}</dd>
            ) : (
              <dd data-missing>{NOT_MEASURED}</dd>
            )}
          </div>
        ))}
      </dl>
      {hasValues ? (
        <div className={classes.chart} aria-hidden="true">
          <Lines series={series} points={points} format={format} />
        </div>
      ) : (
        <p className={classes.empty}>{points.length < 2 ? "Reading…" : empty}</p>
      )}
    </section>
  );
}

function Lines({ series, points, format }: Pick<Props, "series" | "points" | "format">) {
  const isZero = (key: string) => points.every(({ values }) => !values[key]);
  // What never happened would draw its alarming colour along the whole axis.
  const isDrawn = ({ key, tone }: Series) => tone === "accent" || !isZero(key);
  const tick = { fontSize: 11, fill: "var(--ink-muted)" };
  return (
    <ResponsiveContainer width="100%" height="100%">
      <LineChart
        data={points as Point[]}
        margin={{ top: 6, right: 8, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="at"
          type="number"
          scale="time"
          domain={["dataMin", "dataMax"]}
          tickFormatter={formatClock}
          tick={tick}
          tickLine={false}
          stroke="var(--line-strong)"
          minTickGap={48}
        />
        <YAxis
          width={56}
          domain={series.every(({ key }) => isZero(key)) ? [0, 1] : [0, "auto"]}
          tickCount={3}
          tickFormatter={format}
          tick={tick}
          tickLine={false}
          axisLine={false}
        />
        {series.filter(isDrawn).map(({ key, tone }) => (
          <Line
            key={key}
            dataKey={({ values }: Point) => values[key] ?? null}
            stroke={COLOR[tone]}
            strokeDasharray={DASHES[tone]}
            strokeWidth={1.75}
            dot={({ cx, cy, index }: Dot) =>
              isAlone(points, index, key) ? (
                <circle key={index} cx={cx} cy={cy} r={1.75} fill={COLOR[tone]} />
              ) : (
                <g key={index} />
              )
            }
            activeDot={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

interface Dot {
  readonly cx?: number;
  readonly cy?: number;
  readonly index: number;
}

/** Whether a value has none beside it, so that no line shows it. */
function isAlone(points: readonly Point[], index: number, key: string): boolean {
  const has = (at: number) => typeof points[at]?.values[key] === "number";
  return has(index) && !has(index - 1) && !has(index + 1);
}

function Swatch({ tone }: { tone: Tone }) {
  return (
    <svg width="18" height="8" viewBox="0 0 18 8" aria-hidden="true">
      <path d="M0 4h18" stroke={COLOR[tone]} strokeDasharray={DASHES[tone]} strokeWidth="2" />
    </svg>
  );
}
