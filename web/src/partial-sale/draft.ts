import { RequestFailed } from "../api/problem";
import { readTyped, writeUnits } from "../investments/typed-number";
import { asSentence } from "../money/explained";
import type { PartialSaleTerms } from "./wire";

/** The question as it was typed. */
export interface PartialSaleDraft {
  /** The yearly return that holding on has to bring, in percent; negative for a loss that is put up with. */
  readonly irrPercent: string;
  readonly ownershipPercent: string;
  /** When the exit is expected: in years, or on a day. */
  readonly years: string;
  readonly exitDate: string;
  /** Other days for single exit cases, by the case's id. */
  readonly datesByCase: Readonly<Record<string, string>>;
}

export const NO_QUESTION: PartialSaleDraft = {
  irrPercent: "",
  ownershipPercent: "",
  years: "",
  exitDate: "",
  datesByCase: {},
};

/** What is wrong, by field; {@link caseField} names those of the cases. */
export type FieldProblems = Readonly<Record<string, string>>;

export function caseField(id: string): string {
  return `case ${id}`;
}

/** Whether anything was typed. */
export function isTyped({ datesByCase, ...texts }: PartialSaleDraft): boolean {
  return [...Object.values(texts), ...Object.values(datesByCase)].some((text) => text !== "");
}

/** An older version of the page may have left something else. */
export function isPartialSaleDraft(value: unknown): value is PartialSaleDraft {
  if (typeof value !== "object" || value === null) return false;
  const { datesByCase, ...texts } = value as Record<string, unknown>;
  const names = ["irrPercent", "ownershipPercent", "years", "exitDate"];
  return (
    names.every((name) => typeof texts[name] === "string") &&
    typeof datesByCase === "object" &&
    datesByCase !== null &&
    Object.values(datesByCase).every((date) => typeof date === "string")
  );
}

/** Decimals that a percentage may have, and two more once it is a part of one. */
const PERCENT_DECIMALS = 6;
const PART_DECIMALS = PERCENT_DECIMALS + 2;
const MINUS = /^[-\u2212]\s*/;

/**
 * The question as the server takes it, and what cannot be read of it. What is missing is left out: the server says what it
 * needs. Days of cases that the company no longer has are not sent.
 */
export function termsOf(
  draft: PartialSaleDraft,
  cases: readonly string[],
): { terms: PartialSaleTerms; problems: FieldProblems } {
  const problems: Record<string, string> = {};
  const exitDates = Object.fromEntries(
    cases.flatMap((id) => {
      const date = draft.datesByCase[id];
      return date ? [[id, date] as const] : [];
    }),
  );
  const years = draft.years.trim();
  return {
    terms: {
      irr: partOf(draft.irrPercent, "irr", problems),
      ownership: partOf(draft.ownershipPercent, "ownership", problems),
      ...(years === "" ? {} : { yearsToExit: years }),
      ...(draft.exitDate === "" ? {} : { exitDate: draft.exitDate }),
      ...(Object.keys(exitDates).length === 0 ? {} : { exitDates }),
    },
    problems,
  };
}

/** A percentage as the part of one that the wire has: `"25"` is `0.25`, `"-5"` is `-0.05`. */
function partOf(text: string, field: string, problems: Record<string, string>): string {
  const typed = text.trim();
  if (typed === "") {
    problems[field] = "Enter a percentage.";
    return "";
  }
  const reading = readTyped(typed.replace(MINUS, ""), PERCENT_DECIMALS);
  if (!reading.isNumber) {
    problems[field] = reading.problem;
    return "";
  }
  return `${MINUS.test(typed) ? "-" : ""}${writeUnits(reading.units, PART_DECIMALS)}`;
}

/** What the server found, at the fields that it concerns. What no field stands for is left to the form as a whole. */
export function problemsOf(error: Error | null, draft: PartialSaleDraft): FieldProblems {
  if (!(error instanceof RequestFailed)) return {};
  const found: Record<string, string> = {};
  for (const { path, message } of error.problem.details ?? []) {
    const field = fieldOf(path, message, draft);
    if (field !== null) found[field] ??= asSentence(message);
  }
  return found;
}

const CASE_PATH = /^exitDates\.(.+)$/;

function fieldOf(path: string, message: string, draft: PartialSaleDraft): string | null {
  const ofCase = CASE_PATH.exec(path)?.[1] ?? caseNamedBy(message, draft);
  if (ofCase !== undefined) return caseField(ofCase);
  switch (path) {
    case "irr":
    case "ownership":
      return path;
    case "yearsToExit":
      return "years";
    // The server speaks of the exit's time by this name, however it was given.
    case "exitDate":
      return draft.exitDate === "" && draft.years.trim() !== "" ? "years" : "exitDate";
    default:
      return null;
  }
}

/** The case whose own day a message is about; the server's path does not say. */
function caseNamedBy(message: string, { datesByCase }: PartialSaleDraft): string | undefined {
  return Object.keys(datesByCase).find((id) => {
    const date = datesByCase[id];
    return date && message.includes(`case ${id} on ${date} `);
  });
}
