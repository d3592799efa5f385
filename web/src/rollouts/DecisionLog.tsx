import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Failure } from "../shell/Failure";
import { relativeTime } from "../time/relative-time";
import classes from "./Details.module.css";
import { useActorName } from "./people";
import { decisionsQuery, explanationQuery } from "./queries";
import { stageWords, verdictWords } from "./stage";
import type { Decision, Rollout } from "./wire";
import { instantText } from "./words";

const route = getRouteApi("/rollouts/$rolloutId");

interface Props {
  readonly rollout: Rollout;
  readonly nowMs: number;
}

/** What was decided and why, the newest first; each opens its numbers in words. */
export function DecisionLog({ rollout, nowMs }: Props) {
  const decisions = useQuery(decisionsQuery(rollout.id, rollout.version));
  if (decisions.error)
    return (
      <Failure
        error={decisions.error}
        title="The decisions could not be loaded"
        onRetry={() => void decisions.refetch()}
      />
    );
  if (!decisions.data) return <Skeleton height={120} radius={8} aria-label="Loading" />;
  if (decisions.data.length === 0)
    return <p className={classes.none}>Nothing was decided yet: it goes on as it is.</p>;
  return (
    <ol className={classes.log} aria-label="Decisions">
      {decisions.data.map((decision) => (
        <DecisionEntry
          key={decision.sequence}
          rolloutId={rollout.id}
          decision={decision}
          nowMs={nowMs}
        />
      ))}
    </ol>
  );
}

interface EntryProps {
  readonly rolloutId: string;
  readonly decision: Decision;
  readonly nowMs: number;
}

function DecisionEntry({ rolloutId, decision, nowMs }: EntryProps) {
  const nameOf = useActorName();
  const isOpen = route.useSearch().decision === decision.sequence;
  const navigate = route.useNavigate();
  function toggle(): void {
    void navigate({
      search: ({ decision: _, ...rest }) =>
        isOpen ? rest : { ...rest, decision: decision.sequence },
      replace: true,
      resetScroll: false,
    });
  }
  return (
    <li className={classes.decision} data-verdict={decision.verdict}>
      <p className={classes.meta}>
        <strong>{verdictWords(decision.verdict)}</strong>
        <span title={instantText(decision.at)}>{relativeTime(decision.at, nowMs)}</span>
        <span>by {nameOf(decision.actor)}</span>
        <span>rule {decision.rule}</span>
        {decision.phase && <span>in {decision.phase}</span>}
        <span>then {stageWords(decision.stage).toLowerCase()}</span>
      </p>
      <p>{decision.explanation}</p>
      <button type="button" className={classes.more} aria-expanded={isOpen} onClick={toggle}>
        {isOpen ? "Hide the numbers" : "By which numbers?"}
      </button>
      {isOpen && <Explanation rolloutId={rolloutId} sequence={decision.sequence} />}
    </li>
  );
}

function Explanation({ rolloutId, sequence }: { rolloutId: string; sequence: number }) {
  const explanation = useQuery(explanationQuery(rolloutId, sequence));
  if (explanation.error)
    return (
      <Failure
        error={explanation.error}
        title="The decision could not be explained"
        onRetry={() => void explanation.refetch()}
      />
    );
  if (!explanation.data) return <Skeleton height={60} radius={8} aria-label="Loading" />;
  return <p className={classes.explanation}>{explanation.data.text}</p>;
}
