import type { Action, Rollout, Trigger, Verdict } from "./wire";
import { nearness, score } from "./words";

/** How something is to be taken in at a glance. */
export type Tone = "good" | "watch" | "bad" | "over";

const BEFORE_START = new Set(["Draft", "Validated", "AwaitingStart"]);
const ENDS = new Set(["RolledBack", "Completed", "Aborted", "Superseded"]);
const GOING_BACK = new Set(["RollingBack", "Verifying"]);
/** From this part of the way on, on the scale of logarithms, a trigger is worth a look. */
const NEAR = 0.5;

/** The name of a stage without the reason of a hold. */
function nameOf(stage: string): string {
  return stage.replace(/\(.*\)$/, "");
}

export function isHeld(stage: string): boolean {
  return nameOf(stage) === "Held";
}

export function isBeforeStart(stage: string): boolean {
  return BEFORE_START.has(stage);
}

export function isEnd(stage: string): boolean {
  return ENDS.has(stage);
}

/** Whether the flag of before is on its way back, or was put back. */
export function isRolledBack(stage: string): boolean {
  return GOING_BACK.has(stage) || stage === "RolledBack" || stage === "RollbackStuck";
}

/** Whether the controller acts, and takes commands: from the first phase's entry on until it ends or goes back. */
export function isLive(stage: string): boolean {
  return !isBeforeStart(stage) && !isEnd(stage) && !isRolledBack(stage);
}

/** A stage in words: `Held: no data`, `Warming up`. */
export function stageWords(stage: string): string {
  const hold = /^Held\((\w+)\)$/.exec(stage)?.[1];
  return hold === undefined ? apart(stage) : `Held: ${apart(hold).toLowerCase()}`;
}

/** `RollbackStuck` as `Rollback stuck`. */
function apart(name: string): string {
  const words = name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function stageTone(stage: string): Tone {
  if (stage === "RollbackStuck") return "bad";
  if (isHeld(stage) || GOING_BACK.has(stage) || stage === "SteppingBack") return "watch";
  if (stage === "Completed" || isLive(stage)) return "good";
  return "over";
}

/** A rollout at a glance: a trigger that is near shows before it acts. */
export function rolloutTone(rollout: Rollout): Tone {
  const tone = stageTone(rollout.stage);
  return tone === "good" && isLive(rollout.stage) ? safety(rollout).tone : tone;
}

/** Where the evidence cannot say whether it is safe, and why. */
const BLIND: Readonly<Record<string, string>> = {
  "Held(NoData)": "Not known: nothing is seen of the treatment.",
  "Held(MetricsError)": "Not known: the evidence cannot be read.",
  "Held(SampleRatioMismatch)": "Not known: the arms cannot be compared as they are.",
  "Held(SharedIncident)": "Both arms suffer: it may not be the treatment.",
  "Held(ExternalEdit)": "Not known: the flag is not as the phase has it.",
};

export interface Safety {
  readonly tone: Tone;
  readonly text: string;
}

/** Whether harm is near: what stops a rollout, and how far off it is. */
export function safety(rollout: Rollout): Safety {
  const { stage, assessment, numbers } = rollout;
  if (stage === "RollbackStuck")
    return { tone: "bad", text: "Not proven: a replica may still serve the treatment." };
  if (GOING_BACK.has(stage)) return { tone: "watch", text: "The treatment is being taken away." };
  if (stage === "RolledBack") return { tone: "good", text: "Nobody is served the treatment." };
  if (isBeforeStart(stage)) return { tone: "good", text: "The flag is as it was before." };
  if (stage === "Completed") return { tone: "good", text: "Every phase was shown to be good." };
  if (isEnd(stage))
    return { tone: "over", text: "Nothing watches this flag for this rollout any more." };

  const nearest = nearestTrigger(assessment.triggers);
  const said = nearest ? `${nearest.name}: ${triggerWords(nearest)}` : "";
  const part = nearest ? nearness(nearest.logE, nearest.logThreshold) : null;
  if (nearest && part !== null && part >= NEAR)
    return { tone: nearest.isRecent ? "bad" : "watch", text: `Near. ${said}.` };
  const blind = BLIND[stage];
  if (blind !== undefined) return { tone: "watch", text: blind };
  const over = assessment.triggers.find(({ overSeconds }) => (overSeconds ?? 0) > 0);
  if (over) return { tone: "watch", text: `${over.name}: the resource is above its level.` };
  if (numbers.treatment.requests === 0)
    return { tone: "watch", text: "Not known yet: no request of the treatment was seen." };
  if (nearest === null)
    return { tone: "watch", text: "Not known: nothing tests the evidence in this phase." };
  return { tone: "good", text: `No trigger is near. The nearest is ${said}.` };
}

function nearestTrigger(triggers: readonly Trigger[]): Trigger | null {
  const tests = triggers.filter(({ logE, logThreshold }) => logE !== null && logThreshold !== null);
  return tests.reduce<Trigger | null>((nearest, trigger) => {
    const part = nearness(trigger.logE, trigger.logThreshold) ?? 0;
    const least = nearest ? (nearness(nearest.logE, nearest.logThreshold) ?? 0) : -1;
    return part > least ? trigger : nearest;
  }, null);
}

const ACTION_WORDS: Record<Action, string> = {
  rollback: "rolls back",
  step_back: "steps back",
  hold: "holds",
  notify: "tells somebody",
  promote: "goes on",
};

/** What a trigger does, for a sentence of which it is the subject. */
export function actionWords(action: Action): string {
  return ACTION_WORDS[action];
}

/** How near a trigger is, and what it does then. */
export function triggerWords({ logE, logThreshold, action }: Trigger): string {
  if (logE === null || logThreshold === null) return actionWords(action);
  return `${score(logE)} to 1, ${actionWords(action)} at ${score(logThreshold)} to 1`;
}

const VERDICT_WORDS: Record<Verdict, string> = {
  promote: "Went on",
  hold: "Held",
  step_back: "Stepped back",
  roll_back: "Rolled back",
};

export function verdictWords(verdict: Verdict): string {
  return VERDICT_WORDS[verdict];
}
