import card from "../shell/card.module.css";
import classes from "./EvidencePanel.module.css";
import { actionWords } from "./stage";
import type { Criterion, Rollout, Trigger } from "./wire";
import { nearness, score } from "./words";

/** What must be shown before the phase is left, each with how far it is. */
export function CriteriaPanel({ criteria }: { criteria: readonly Criterion[] }) {
  return (
    <section className={card.card} aria-labelledby="criteria">
      <header className={card.header}>
        <h2 id="criteria" className={card.title}>
          To be shown
        </h2>
        <span className={card.aside}>
          {criteria.filter(({ isShown }) => isShown).length} of {criteria.length} shown
        </span>
      </header>
      {criteria.length === 0 && <p className={classes.none}>No criterion in this phase.</p>}
      <ul className={classes.list}>
        {criteria.map((criterion) => (
          <li key={criterion.name} className={classes.entry}>
            <span className={classes.line}>
              <strong>{criterion.name}</strong>
              <span className={classes.state} data-tone={criterion.isShown ? "good" : "open"}>
                {criterion.isShown ? "shown" : "not shown yet"}
              </span>
            </span>
            <EvidenceBar
              ln={criterion.logEPass}
              needed={criterion.logPass}
              tone={criterion.isShown ? "good" : "open"}
            />
            <p className={classes.text}>{withoutName(criterion)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The server's sentence begins with the name, which stands above it here. */
function withoutName({ name, text }: Criterion): string {
  const prefix = `${name}: `;
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** What stops the rollout, each with how near it is. */
export function TriggersPanel({ rollout }: { rollout: Rollout }) {
  const triggers = rollout.assessment.triggers.filter((one) => one.class !== "shared_resource");
  return (
    <section className={card.card} aria-labelledby="triggers">
      <header className={card.header}>
        <h2 id="triggers" className={card.title}>
          What stops it
        </h2>
        <span className={card.aside}>full bar: it acts</span>
      </header>
      {triggers.length === 0 && <p className={classes.none}>No trigger in this phase.</p>}
      <ul className={classes.list}>
        {triggers.map((trigger) => (
          <li key={trigger.name} className={classes.entry}>
            <span className={classes.line}>
              <strong>{trigger.name}</strong>
              <span className={classes.state}>{actionWords(trigger.action)}</span>
            </span>
            <EvidenceBar
              ln={trigger.logE}
              needed={trigger.logThreshold}
              tone={trigger.isRecent ? "bad" : "watch"}
            />
            <p className={classes.text}>{triggerText(trigger)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

const WITHOUT_TEST: Partial<Record<Trigger["class"], string>> = {
  integrity: "A snapshot that breaks an identity of its own numbers is proof; none did.",
  manual: "A person says so, with Roll back above.",
};

function triggerText({ class: kind, logE, logThreshold, isRecent, isObservational }: Trigger) {
  if (logE === null || logThreshold === null) return WITHOUT_TEST[kind] ?? "Not measured yet.";
  const parts = [
    `${score(logE)} to 1 that ${kind === "causal" ? "the treatment is worse than the control" : "the limit is exceeded"}; it acts at ${score(logThreshold)} to 1`,
    isRecent ? "the last 5 minutes agree" : "the last 5 minutes do not agree",
    ...(isObservational ? ["people chose their arm, so it says nothing of the cause"] : []),
  ];
  return `${parts.join("; ")}.`;
}

interface BarProps {
  readonly ln: number | null;
  readonly needed: number | null;
  readonly tone: "good" | "open" | "watch" | "bad";
}

/** How far a score is on its way to the one that decides; nothing where there is no score. The text below says it, too. */
function EvidenceBar({ ln, needed, tone }: BarProps) {
  const part = nearness(ln, needed);
  if (part === null || ln === null || needed === null) return null;
  return (
    <div
      aria-hidden="true"
      className={classes.bar}
      title={`${score(ln)} of ${score(needed)} to 1, on a scale of logarithms`}
    >
      <span className={classes.filled} data-tone={tone} style={{ width: `${part * 100}%` }} />
    </div>
  );
}
