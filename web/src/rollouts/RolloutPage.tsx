import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { ArmCharts } from "./ArmCharts";
import { ChecksPanel } from "./ChecksPanel";
import { CommandBar } from "./CommandBar";
import { CriteriaPanel, TriggersPanel } from "./EvidencePanel";
import { FaultPanel } from "./FaultPanel";
import { Headline } from "./Headline";
import { PhaseTrack } from "./PhaseTrack";
import { rolloutQuery } from "./queries";
import { RollbackPanel } from "./RollbackPanel";
import { RolloutDetails } from "./RolloutDetails";
import classes from "./RolloutPage.module.css";
import { isEnd } from "./stage";
import type { Rollout } from "./wire";

const route = getRouteApi("/rollouts/$rolloutId");

/** A rollout, for whoever is on call: is it safe, what does it wait for, what comes next, how is it stopped. */
export function RolloutPage() {
  const { rolloutId } = route.useParams();
  const rollout = useQuery(rolloutQuery(rolloutId));
  if (rollout.error instanceof RequestFailed && isUnknown(rollout.error))
    return (
      <Empty title="There is no such rollout">
        <Link to="/rollouts">Go to all rollouts</Link>
      </Empty>
    );
  if (rollout.data)
    return (
      <Shown
        key={rolloutId}
        rollout={rollout.data}
        nowMs={rollout.dataUpdatedAt}
        lost={rollout.error}
        onRetry={() => void rollout.refetch()}
      />
    );
  if (rollout.error)
    return (
      <Failure
        error={rollout.error}
        title="This rollout could not be loaded"
        onRetry={() => void rollout.refetch()}
      />
    );
  return (
    <>
      <title>Rollout · Lotwise</title>
      <Skeleton height={200} radius={10} aria-label="Loading" mb="md" />
      <Skeleton height={420} radius={10} />
    </>
  );
}

/** No rollout has this id, or it is no id at all. */
function isUnknown({ status }: RequestFailed): boolean {
  return status === 404 || status === 400;
}

interface ShownProps {
  readonly rollout: Rollout;
  readonly nowMs: number;
  /** Why what is shown may be old. */
  readonly lost: Error | null;
  readonly onRetry: () => void;
}

function Shown({ rollout, nowMs, lost, onRetry }: ShownProps) {
  const goesOn = !isEnd(rollout.stage);
  return (
    <>
      <title>{`${rollout.flag} · Rollout · Lotwise`}</title>
      <nav aria-label="Where this is" className={classes.back}>
        <Link to="/rollouts">All rollouts</Link>
      </nav>
      <CommandBar rollout={rollout} />
      {lost && (
        <Failure
          error={lost}
          title="What you see is old: the rollout cannot be read now"
          onRetry={onRetry}
        />
      )}
      <Headline {...{ rollout, nowMs }} />
      <RollbackPanel {...{ rollout, nowMs }} />
      <PhaseTrack {...{ rollout, nowMs }} />
      {goesOn && rollout.phase && (
        <div className={classes.panels}>
          <CriteriaPanel criteria={rollout.assessment.criteria} />
          <TriggersPanel rollout={rollout} />
          <ChecksPanel {...{ rollout, nowMs }} />
        </div>
      )}
      {rollout.phase && <ArmCharts rollout={rollout} />}
      <RolloutDetails {...{ rollout, nowMs }} />
      <FaultPanel goesOn={goesOn} />
    </>
  );
}
