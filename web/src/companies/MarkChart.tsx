import {
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatDate } from "../money/format";
import { formatPrice } from "../money/per-share";
import chart from "../shell/chart.module.css";
import type { MarkLine } from "./time-line";

const HEIGHT = 220;
const MARGIN = { top: 12, right: 16, bottom: 0, left: 4 };
const AXIS_WIDTH = 64;
const TICK = { fill: "var(--ink-muted)", fontSize: 12 };
/** Colour and dash both differ, so that lines are told apart without colour. */
const STROKES = [
  { stroke: "var(--accent)" },
  { stroke: "var(--notice)", strokeDasharray: "6 3" },
  { stroke: "var(--below-cost)", strokeDasharray: "2 3" },
  { stroke: "var(--ink-muted)", strokeDasharray: "9 3 2 3" },
  { stroke: "var(--ink)" },
] as const;

/** Marks over time. Numbers here only place points; what is read comes from the server's own text. */
export function MarkChart({ lines, currency }: { lines: readonly MarkLine[]; currency: string }) {
  const dates = [...new Set(lines.flatMap(({ points }) => points.map(({ date }) => date)))].sort();
  const data = dates.map((date) => {
    const marks = lines.flatMap(({ shareClass, points }) => {
      const mark = points.findLast((point) => point.date === date);
      return mark ? [[shareClass, Number(mark.sharePriceCents)] as const] : [];
    });
    return { at: Date.parse(date), date, marks: Object.fromEntries(marks) };
  });
  const classes = lines.map(({ shareClass }) => shareClass).join(", ");
  return (
    <div
      role="img"
      aria-label={`Marks of ${classes} over time; the time line lists them`}
      className={chart.frame}
    >
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <LineChart data={data} margin={MARGIN} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis
            dataKey="at"
            type="number"
            domain={["dataMin", "dataMax"]}
            tickFormatter={(at: number) => new Date(at).toISOString().slice(0, 7)}
            tick={TICK}
            stroke="var(--line-strong)"
          />
          <YAxis
            width={AXIS_WIDTH}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            tickFormatter={(cents: number) => formatPrice(String(Math.round(cents)), currency)}
          />
          <Tooltip
            content={({ active, payload }) => {
              const date = active ? (payload?.[0]?.payload as { date?: string })?.date : undefined;
              if (date === undefined) return null;
              return <MarksOf date={date} lines={lines} currency={currency} />;
            }}
          />
          <Legend wrapperStyle={{ fontSize: 12 }} />
          {lines.map(({ shareClass }, index) => (
            <Line
              key={shareClass}
              name={shareClass}
              dataKey={({ marks }: { marks: Record<string, number> }) => marks[shareClass]}
              type="stepAfter"
              connectNulls
              strokeWidth={1.75}
              dot={{ r: 2.5 }}
              isAnimationActive={false}
              {...STROKES[index % STROKES.length]}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}

interface MarksOfProps {
  readonly date: string;
  readonly lines: readonly MarkLine[];
  readonly currency: string;
}

function MarksOf({ date, lines, currency }: MarksOfProps) {
  return (
    <div className={chart.tooltip}>
      <strong>{formatDate(date)}</strong>
      {lines.map(({ shareClass, points }) => {
        const mark = points.findLast((point) => point.date === date);
        return (
          mark && (
            <span key={shareClass}>
              {shareClass} {formatPrice(mark.sharePriceCents, currency)}
            </span>
          )
        );
      })}
    </div>
  );
}
