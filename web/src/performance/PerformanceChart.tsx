import {
  Bar,
  BarChart,
  CartesianGrid,
  LabelList,
  Legend,
  ReferenceLine,
  ResponsiveContainer,
  XAxis,
  YAxis,
} from "recharts";
import type { Lens } from "../lenses/lens";
import type { Bucket } from "./buckets";

const TEXT = { fill: "var(--ink-muted)", fontSize: 12 };

/** The multiples of each part of the money, today beside at exit, over the line of what it cost. */
export default function PerformanceChart({ buckets }: { buckets: readonly Bucket[] }) {
  const data = buckets.map(({ name, today, exit }) => ({
    name,
    today: height(today),
    todayText: today?.display ?? "",
    exit: height(exit),
    exitText: exit?.display ?? "",
  }));
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart
        data={data}
        accessibilityLayer={false}
        barGap={3}
        barCategoryGap="22%"
        maxBarSize={44}
        margin={{ top: 18, right: 8, bottom: 0, left: 0 }}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="name"
          tick={TEXT}
          tickLine={false}
          axisLine={{ stroke: "var(--line-strong)" }}
        />
        <YAxis
          tick={TEXT}
          tickLine={false}
          axisLine={false}
          width={30}
          allowDecimals={false}
          tickFormatter={(multiple: number) => `${multiple}x`}
        />
        <ReferenceLine
          y={1}
          stroke="var(--ink-muted)"
          strokeDasharray="4 3"
          ifOverflow="extendDomain"
        />
        <Legend itemSorter={null} iconType="square" iconSize={9} wrapperStyle={{ fontSize: 12 }} />
        <Bar dataKey="today" name="Today" fill="var(--ink-muted)" isAnimationActive={false}>
          <LabelList dataKey="todayText" position="top" {...TEXT} />
        </Bar>
        <Bar dataKey="exit" name="At exit" fill="var(--accent)" isAnimationActive={false}>
          <LabelList dataKey="exitText" position="top" {...TEXT} />
        </Bar>
      </BarChart>
    </ResponsiveContainer>
  );
}

/** How high a bar is drawn; the number beside it is the server's own text. */
function height(lens: Lens | null): number | null {
  return lens?.value ? Number(lens.value) : null;
}
