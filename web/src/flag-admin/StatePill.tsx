import type { FlagState } from "./flag-state";
import classes from "./StatePill.module.css";

const WORDS: Readonly<Record<FlagState, string>> = {
  on: "On",
  partly: "Partly on",
  off: "Off",
  killed: "Killed",
  broken: "Broken",
  archived: "Archived",
};

/** How a flag stands, in a word that colour only repeats. */
export function StatePill({ state }: { state: FlagState }) {
  return (
    <span className={classes.pill} data-state={state}>
      {WORDS[state]}
    </span>
  );
}
