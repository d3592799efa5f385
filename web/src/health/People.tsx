import { Figures } from "./Figures";
import { figures } from "./format";
import type { Metrics } from "./metrics";
import { Section } from "./Section";

const SENTIMENTS = [
  ["useful", "Feedback: useful"],
  ["not_useful", "Feedback: not useful"],
] as const;
const SEVERITIES = ["critical", "high", "normal", "low"] as const;
const SINCE_START = "since the start";

/** What people say of the feature. */
export function People({ metrics }: { metrics: Metrics }) {
  const count = (counts: ReadonlyMap<string, number>, key: string) => {
    const value = counts.get(key);
    return value === undefined ? null : figures(value);
  };
  return (
    <Section
      title="Feedback and tickets"
      explanation="What this process was told; a rollout's page counts those of every process in its phase."
      runbooks={["feature-turned-off-by-users"]}
    >
      <Figures
        label="Feedback and tickets so far"
        figures={[
          ...SENTIMENTS.map(([key, words]) => ({
            label: words,
            value: count(metrics.feedback, key),
            note: SINCE_START,
          })),
          ...SEVERITIES.map((severity) => ({
            label: `Tickets: ${severity}`,
            value: count(metrics.tickets, severity),
            note: SINCE_START,
            isBad: severity === "critical" && (metrics.tickets.get(severity) ?? 0) > 0,
          })),
        ]}
      />
    </Section>
  );
}
