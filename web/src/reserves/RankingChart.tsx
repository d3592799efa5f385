import {
  Bar,
  BarChart,
  CartesianGrid,
  Cell,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatCents } from "../money/format";
import chart from "../shell/chart.module.css";
import type { Ranked } from "./ranking";

const HEIGHT = 260;
const MARGIN = { top: 12, right: 12, bottom: 0, left: 4 };
const AXIS_WIDTH = 44;
const TICK = { fill: "var(--ink-muted)", fontSize: 12 };

/** The ranking as columns, the best on the left. Numbers here only give heights; the table has the figures. */
export function RankingChart(props: { ranked: readonly Ranked[]; currency: string }) {
  const { ranked, currency } = props;
  const data = ranked.map((one) => ({ ...one, height: Number(one.planned.value) }));
  return (
    <div
      role="img"
      aria-label={`Exit MOIC on planned reserves of ${ranked.length} companies, the best first; the table below lists them`}
      className={chart.frame}
    >
      <ResponsiveContainer width="100%" height={HEIGHT}>
        <BarChart data={data} margin={MARGIN} barCategoryGap="18%" accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="rank" tick={TICK} tickLine={false} stroke="var(--line-strong)" />
          <YAxis
            width={AXIS_WIDTH}
            tick={TICK}
            tickLine={false}
            axisLine={false}
            allowDecimals={false}
            tickFormatter={(multiple: number) => `${multiple}x`}
          />
          <Tooltip
            cursor={{ fill: "var(--raised)" }}
            content={({ active, payload }) => {
              const one = active ? (payload?.[0]?.payload as Ranked | undefined) : undefined;
              if (!one) return null;
              return (
                <div className={chart.tooltip}>
                  <strong>
                    {one.rank}. {one.name}
                  </strong>
                  <span>
                    {one.planned.display} = {formatCents(one.planned.numeratorCents, currency)} /{" "}
                    {formatCents(one.planned.denominatorCents, currency)}
                  </span>
                </div>
              );
            }}
          />
          <Bar dataKey="height" isAnimationActive={false} maxBarSize={36}>
            {data.map(({ id, height }) => (
              <Cell key={id} fill={height < 1 ? "var(--below-cost)" : "var(--accent)"} />
            ))}
          </Bar>
          <ReferenceLine y={1} stroke="var(--ink)" strokeDasharray="4 3" />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
