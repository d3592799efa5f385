import { Button } from "@mantine/core";
import { useState } from "react";
import classes from "./CommandBar.module.css";
import dangerous from "./dangerous.module.css";
import { RolloutCommandDialog, type Spoken } from "./RolloutCommandDialog";
import { StageChip } from "./StageChip";
import { isBeforeStart, isEnd, isHeld, isLive } from "./stage";
import type { Rollout } from "./wire";

interface Offer {
  readonly kind: Spoken;
  readonly label: string;
}

/** What can be said to a rollout where it stands; the way back comes first. */
function offers(rollout: Rollout): readonly Offer[] {
  const { stage, phase, phases, assessment, missing } = rollout;
  const isStuck = stage === "RollbackStuck";
  const lives = isLive(stage);
  const isApprovalMissing = assessment.checks.some(
    ({ name, isGood }) => name === "approval" && !isGood,
  );
  const waitsForSecondPerson = isBeforeStart(stage) && missing.length > 0;
  return [
    ...(lives ? [{ kind: "rollback", label: "Roll back" } as const] : []),
    ...(isStuck ? [{ kind: "rollback", label: "Try the rollback again" } as const] : []),
    ...(isHeld(stage) ? [{ kind: "resume", label: "Resume" } as const] : []),
    ...(lives && !isHeld(stage) ? [{ kind: "hold", label: "Hold" } as const] : []),
    ...(lives && phases[0]?.name !== phase
      ? [{ kind: "step-back", label: "Step back" } as const]
      : []),
    ...((lives && isApprovalMissing) || waitsForSecondPerson
      ? [{ kind: "approve", label: "Approve" } as const]
      : []),
    ...(lives || isStuck || isBeforeStart(stage)
      ? [{ kind: "abort", label: "Abort" } as const]
      : []),
  ];
}

/** Stays at the top of the page while a rollout goes on: where it stands, and the way to stop it. */
export function CommandBar({ rollout }: { rollout: Rollout }) {
  const [spoken, setSpoken] = useState<Spoken | null>(null);
  return (
    <div className={classes.bar} data-sticky={!isEnd(rollout.stage) || undefined}>
      <h1 className={classes.title}>
        <span className={classes.of}>Rollout of </span>
        {rollout.flag}
      </h1>
      <span role="status">
        <StageChip rollout={rollout} />
      </span>
      <div className={classes.commands}>
        {offers(rollout).map(({ kind, label }) => (
          <Button
            key={kind}
            size="compact-sm"
            variant={kind === "rollback" ? "filled" : "default"}
            className={kind === "rollback" ? (dangerous.dangerous ?? "") : ""}
            onClick={() => setSpoken(kind)}
          >
            {label}
          </Button>
        ))}
      </div>
      {spoken !== null && (
        <RolloutCommandDialog rollout={rollout} kind={spoken} onClose={() => setSpoken(null)} />
      )}
    </div>
  );
}
