import { useQuery } from "@tanstack/react-query";
import { relativeTime } from "../time/relative-time";
import classes from "./Headline.module.css";
import { useActorName } from "./people";
import { decisionsQuery } from "./queries";
import { isBeforeStart, isEnd, isHeld, isRolledBack, safety, verdictWords } from "./stage";
import type { Rollout } from "./wire";
import { firstSentence, instantText, until, users } from "./words";

interface Props {
  readonly rollout: Rollout;
  readonly nowMs: number;
}

/** What an engineer on call has to see first: what it waits for, whether it is safe, what comes next, how to stop it. */
export function Headline({ rollout, nowMs }: Props) {
  const { first, rest } = firstSentence(rollout.assessment.waitingFor);
  const { tone, text } = safety(rollout);
  return (
    <section className={classes.headline} aria-label="How it stands">
      <p className={classes.sentence}>{first}</p>
      {rest !== "" && <p className={classes.rest}>{rest}</p>}
      <dl className={classes.answers}>
        <div>
          <dt>Is it safe?</dt>
          <dd className={classes.safety} data-tone={tone}>
            {text}
          </dd>
        </div>
        <div>
          <dt>What comes next?</dt>
          <dd>
            {rollout.assessment.next}
            {rollout.deadline && (
              <span className={classes.deadline}>
                {" "}
                Somebody is called {until(rollout.deadline, nowMs)}.
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>{isEnd(rollout.stage) ? "How did it come to this?" : "How is it stopped?"}</dt>
          <dd>
            {isEnd(rollout.stage) ? <LastDecision {...{ rollout, nowMs }} /> : stopWords(rollout)}
          </dd>
        </div>
      </dl>
      {isHeld(rollout.stage) || isGoingBack(rollout) ? (
        <p className={classes.rest}>
          <LastDecision {...{ rollout, nowMs }} />
        </p>
      ) : null}
      {rollout.controlledBy === null && !isEnd(rollout.stage) && (
        <p role="alert" className={classes.rest}>
          No process controls rollouts: nothing is decided until one does.
        </p>
      )}
      {rollout.missing.length > 0 && (
        <ul className={classes.missing} aria-label="Missing for the start">
          {rollout.missing.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <Facts {...{ rollout, nowMs }} />
    </section>
  );
}

function isGoingBack({ stage }: Rollout): boolean {
  return isRolledBack(stage) && !isEnd(stage);
}

function stopWords({ stage, exposure }: Rollout): string {
  if (isBeforeStart(stage)) return "Abort. It has changed nothing yet.";
  if (isRolledBack(stage)) return "It is being stopped; roll back again if it is stuck.";
  return `Roll back, above: it takes the feature from the ${users(exposure)} of the users who have it.`;
}

/** The last thing that was decided, and why: of a hold or an end, its cause. */
function LastDecision({ rollout, nowMs }: Props) {
  const decisions = useQuery(decisionsQuery(rollout.id, rollout.version));
  const nameOf = useActorName();
  const last = decisions.data?.[0];
  if (!last) return decisions.isPending ? "…" : "Nothing was decided.";
  return (
    <>
      {verdictWords(last.verdict)} {relativeTime(last.at, nowMs)} by {nameOf(last.actor)}.{" "}
      {last.explanation}
    </>
  );
}

function Facts({ rollout, nowMs }: Props) {
  const nameOf = useActorName();
  return (
    <p className={classes.facts}>
      <span>Policy {rollout.policy}</span>
      <span>{rollout.environment}</span>
      <span>{users(rollout.exposure)} exposed</span>
      <span title={instantText(rollout.since)}>so since {relativeTime(rollout.since, nowMs)}</span>
      <span title={instantText(rollout.createdAt)}>
        started {relativeTime(rollout.createdAt, nowMs)} by {nameOf(rollout.createdBy)}
      </span>
      {rollout.approvedBy && <span>agreed to by {nameOf(rollout.approvedBy)}</span>}
      {rollout.wasOnForEveryone && (
        <span>on for everyone before; off after a rollback, until somebody changes the flag</span>
      )}
      {rollout.stepsBack > 0 && <span>stepped back {rollout.stepsBack} times by itself</span>}
    </p>
  );
}
