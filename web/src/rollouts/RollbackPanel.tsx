import card from "../shell/card.module.css";
import { relativeTime } from "../time/relative-time";
import classes from "./RollbackPanel.module.css";
import { isEnd } from "./stage";
import type { Reading, RollbackTimes, Rollout } from "./wire";
import { count, taking } from "./words";

const STAGES: readonly { key: keyof RollbackTimes; name: string; what: string }[] = [
  { key: "decideSeconds", name: "Decide", what: "from the cause to the decision" },
  { key: "commitSeconds", name: "Commit", what: "to the durable write" },
  { key: "drainSeconds", name: "Drain", what: "until nobody is served the treatment" },
  { key: "recoverSeconds", name: "Recover", what: "until somebody was served well without it" },
];

/** How far a rollback is: its stopwatch of four stages, and what each process says it has. */
export function RollbackPanel({ rollout, nowMs }: { rollout: Rollout; nowMs: number }) {
  const { rollback: times, replicas } = rollout;
  if (!times) return null;
  return (
    <section className={`${card.card} ${classes.panel}`} aria-labelledby="rollback">
      <header className={card.header}>
        <h2 id="rollback" className={card.title}>
          Rollback
        </h2>
        <span className={card.aside}>the stopwatch</span>
      </header>
      <ol className={classes.stages}>
        {STAGES.map(({ key, name, what }) => {
          const seconds = times[key] ?? null;
          return (
            <li key={key} className={classes.stage} data-done={seconds !== null || undefined}>
              <strong>{name}</strong>
              <span className={classes.time}>{timeText(seconds, rollout)}</span>
              <span className={classes.what}>{what}</span>
            </li>
          );
        })}
      </ol>
      {replicas.length > 0 && <Replicas {...{ replicas, nowMs }} />}
    </section>
  );
}

function timeText(seconds: number | null, { stage }: Rollout): string {
  if (seconds !== null) return taking(seconds);
  return isEnd(stage) ? "not seen" : "waiting";
}

function Replicas({ replicas, nowMs }: { replicas: readonly Reading[]; nowMs: number }) {
  return (
    <ul className={classes.replicas} aria-label="What each process says">
      {replicas.map(({ replica, contextsEqual, contexts, inFlight, readAt }) => (
        <li key={replica}>
          <code>{replica}</code>: {count(contextsEqual)} of {count(contexts)} sampled callers get
          what they had, {count(inFlight)} requests with the treatment in flight; said{" "}
          {relativeTime(readAt, nowMs)}
        </li>
      ))}
    </ul>
  );
}
