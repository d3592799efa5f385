import { useMemo } from "react";
import { Figures } from "./Figures";
import { figures, formatBytes, formatClock, formatLasting, formatShare } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart, type Series } from "./LiveChart";
import { TWO_READINGS } from "./lines";
import type { Metrics } from "./metrics";
import { Section } from "./Section";
import { lines, perMinute, RATE_WINDOW_MS } from "./series";

const MEMORY: readonly Series[] = [{ key: "memory", label: "Resident", tone: "accent" }];
const PROCESSOR: readonly Series[] = [{ key: "cpu", label: "Of one core", tone: "accent" }];
const SECONDS_PER_MINUTE = 60;

/** What this process takes of its machine; its workers run inside it. */
export function Process({ metrics }: { metrics: History<Metrics> }) {
  const points = useMemo(
    () => ({
      memory: lines(metrics, ["memory"], (_, __, { process }) => process.memoryBytes),
      // Minutes of the processor per minute.
      cpu: perMinute(metrics, ({ process: { cpuSeconds } }) => ({
        cpu: cpuSeconds === null ? null : cpuSeconds / SECONDS_PER_MINUTE,
      })),
    }),
    [metrics],
  );
  const last = metrics.at(-1);
  const { version = null, startedAt = null, openFiles = null } = last?.value.process ?? {};
  return (
    <Section
      title="Process"
      explanation="What this process takes of its machine; its workers run inside it."
      runbooks={["replica-down"]}
    >
      <Figures
        label="Process now"
        figures={[
          { label: "Version", value: version, note: "of the product" },
          {
            label: "Running for",
            value: startedAt === null || !last ? null : formatLasting(last.at - startedAt),
            note: startedAt === null ? "" : `since ${formatClock(startedAt)} UTC`,
          },
          {
            label: "Open files",
            value: openFiles === null ? null : figures(openFiles),
            note: "and sockets, now",
          },
        ]}
      />
      <div className={classes.charts}>
        <LiveChart
          title="Memory of the process"
          aside="now"
          series={MEMORY}
          points={points.memory}
          format={formatBytes}
          empty="This server does not measure it."
        />
        <LiveChart
          title="Processor"
          aside={`over ${formatLasting(RATE_WINDOW_MS)}`}
          series={PROCESSOR}
          points={points.cpu}
          format={formatShare}
          empty={TWO_READINGS}
        />
      </div>
    </Section>
  );
}
