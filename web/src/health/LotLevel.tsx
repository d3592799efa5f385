import { useMemo } from "react";
import { FEATURE } from "../flags/overrides";
import { figures, formatSeconds } from "./format";
import classes from "./HealthPage.module.css";
import type { History } from "./history";
import { LiveChart, type Series } from "./LiveChart";
import { A_MINUTE, LATELY, QUANTILES, TWO_READINGS } from "./lines";
import type { Metrics } from "./metrics";
import { Section } from "./Section";
import { perMinute, quantiles } from "./series";

const REQUESTS: readonly Series[] = [
  { key: "on", label: "Lot-level", tone: "accent" },
  { key: "off", label: "Refused, flag off", tone: "calm" },
];
const ERRORS: readonly Series[] = [
  { key: "validation", label: "Validation", tone: "accent" },
  { key: "calculation", label: "Calculation", tone: "bad" },
  { key: "database", label: "Database", tone: "notice" },
];

/** What the feature is asked for, what goes wrong with it, and how long its lenses take. */
export function LotLevel({ metrics }: { metrics: History<Metrics> }) {
  const points = useMemo(
    () => ({
      requests: perMinute(metrics, ({ flags }) => {
        const counts = flags.get(FEATURE);
        return { on: counts?.on ?? null, off: counts?.off ?? null };
      }),
      errors: perMinute(metrics, ({ errors }) => errors),
      calculation: quantiles(metrics, ({ calculation }) => calculation),
    }),
    [metrics],
  );
  return (
    <Section
      title="Lot-level MOIC"
      explanation="What this process decides about the flag, and how long the lenses take. Errors of validation are the caller's."
      runbooks={["flag-killed", "feature-turned-off-by-users"]}
    >
      <div className={classes.charts}>
        <LiveChart
          title="Guarded requests"
          aside={A_MINUTE}
          series={REQUESTS}
          points={points.requests}
          format={figures}
          empty={TWO_READINGS}
        />
        <LiveChart
          title="Lot-level errors"
          aside={A_MINUTE}
          series={ERRORS}
          points={points.errors}
          format={figures}
          empty={TWO_READINGS}
        />
        <LiveChart
          title="Calculation of the lenses"
          aside={LATELY}
          series={QUANTILES}
          points={points.calculation}
          format={formatSeconds}
          empty="Nothing was calculated since this page was opened."
        />
      </div>
    </Section>
  );
}
