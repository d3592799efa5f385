import classes from "./StageChip.module.css";
import { rolloutTone, stageWords } from "./stage";
import type { Rollout } from "./wire";

/** Where a rollout stands, in a word and a colour. */
export function StageChip({ rollout }: { rollout: Rollout }) {
  const { stage } = rollout;
  return (
    <span className={classes.chip} data-tone={rolloutTone(rollout)}>
      {stageWords(stage)}
    </span>
  );
}
