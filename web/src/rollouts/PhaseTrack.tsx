import { relativeTime } from "../time/relative-time";
import classes from "./PhaseTrack.module.css";
import { isEnd } from "./stage";
import type { Rollout, RolloutPhase } from "./wire";
import { instantText, lasting, users } from "./words";

interface Props {
  readonly rollout: Rollout;
  readonly nowMs: number;
}

/** The phases in order: those behind, the present one with its soak, those ahead. */
export function PhaseTrack({ rollout, nowMs }: Props) {
  const present = rollout.phases.findIndex(({ isPresent }) => isPresent);
  return (
    <ol className={classes.track} aria-label="Phases">
      {rollout.phases.map((phase, index) => (
        <li
          key={phase.name}
          className={classes.phase}
          data-place={placeOf(rollout, phase, index, present)}
          aria-current={phase.isPresent ? "step" : undefined}
        >
          <span className={classes.name}>{phase.name}</span>
          <span className={classes.audience}>
            {users(phase.percent)}
            {phase.optIn ? " + opt-in" : ""}
          </span>
          {phase.isPresent ? (
            <Soak phase={phase} soakSeconds={rollout.numbers.soakSeconds} />
          ) : (
            <span className={classes.note}>
              {phase.enteredAt ? (
                <span title={instantText(phase.enteredAt)}>
                  entered {relativeTime(phase.enteredAt, nowMs)}
                </span>
              ) : (
                `${lasting(phase.minSoakSeconds)} to ${lasting(phase.maxSoakSeconds)}`
              )}
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

function placeOf(
  { stage }: Rollout,
  { isPresent, enteredAt }: RolloutPhase,
  index: number,
  present: number,
): "behind" | "present" | "ahead" {
  if (isPresent) return "present";
  if (isEnd(stage)) return enteredAt ? "behind" : "ahead";
  return index < present ? "behind" : "ahead";
}

/** Time in soak, with the shortest one marked on the way to the longest. */
function Soak({ phase, soakSeconds }: { phase: RolloutPhase; soakSeconds: number }) {
  const { minSoakSeconds, maxSoakSeconds } = phase;
  const part = (seconds: number) => `${Math.min(100, (seconds / maxSoakSeconds) * 100)}%`;
  return (
    <>
      <span className={classes.soak} aria-hidden="true">
        <span className={classes.soaked} style={{ width: part(soakSeconds) }} />
        <span className={classes.shortest} style={{ left: part(minSoakSeconds) }} />
      </span>
      <span className={classes.note}>
        {lasting(soakSeconds)} soaked, of {lasting(minSoakSeconds)} to {lasting(maxSoakSeconds)}
      </span>
    </>
  );
}
