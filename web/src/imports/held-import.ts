import { useState } from "react";
import { newSubmissionKey } from "../api/submission-key";
import { type Answered, answersOf } from "./answers";
import type { ChosenFile } from "./chosen-file";
import type { FailureText } from "./failure-text";
import type { Answers } from "./queries";
import type { FundImport } from "./wire";

/** An import on its way: the file, the answers, and what came of it. */
export interface HeldImport {
  readonly file: ChosenFile | null;
  /** What stands in the form of questions, sent or not. */
  readonly values: Answers;
  /** What was sent of it. */
  readonly answered: readonly Answered[];
  /** The `Idempotency-Key` of this file with these answers, so that one whose answer was lost is not applied twice. */
  readonly submissionKey: string;
  /** Why the last choice was no file that can be checked. */
  readonly unreadable: FailureText | null;
  /** The import that was applied last. */
  readonly applied: FundImport | null;
}

export const NOTHING_HELD: HeldImport = {
  file: null,
  values: {},
  answered: [],
  submissionKey: "",
  unreadable: null,
  applied: null,
};

// Beside the page, so that neither a look at another page nor a kill, which may rebuild this one, loses the file. A file
// cannot be kept over a reload.
const held = new Map<number, HeldImport>();

/** The import of a fund that is on its way in this tab. */
export function useHeldImport(fundId: number) {
  const [now, setNow] = useState(() => held.get(fundId) ?? NOTHING_HELD);
  function change(next: Partial<HeldImport>): void {
    const changed = { ...(held.get(fundId) ?? NOTHING_HELD), ...next };
    held.set(fundId, changed);
    setNow(changed);
  }
  return { held: now, change };
}

/** The import with another file. A corrected version of the same one keeps its answers. */
export function withFile(present: HeldImport, file: ChosenFile): HeldImport {
  const isCorrected = present.file?.name === file.name;
  const { values, answered } = isCorrected ? present : NOTHING_HELD;
  return { ...NOTHING_HELD, file, values, answered, submissionKey: newSubmissionKey() };
}

/** The import with other answers, which make another request of it. */
export function withAnswered(
  present: HeldImport,
  answered: readonly Answered[],
): Pick<HeldImport, "answered" | "values" | "submissionKey"> {
  const values = { ...present.values, ...answersOf(answered) };
  return { answered, values, submissionKey: newSubmissionKey() };
}
