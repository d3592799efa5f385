import { newSubmissionKey } from "../api/submission-key";
import { readTyped, writeUnits } from "../investments/typed-number";
import type { MigrationTerms } from "./wire";

/** As many decimals as the server keeps of a count of shares. */
const SHARE_DECIMALS = 8;
const CENT_DECIMALS = 2;

/** What was typed on the page of a migration, as it was typed. */
export interface MigrationDraft {
  /** Fully diluted shares right after the round, by investment. */
  readonly byInvestment: Readonly<Record<string, string>>;
  /** Fully diluted shares of a whole company, and the date they are in force from. */
  readonly byCompany: Readonly<Record<string, CompanyShares>>;
  /** The amount above which an investment is listed for review, in the currency. */
  readonly reviewAbove: string;
  /** The `Idempotency-Key` of these terms, so that one whose answer was lost is not written twice. */
  readonly submissionKey: string;
}

export interface CompanyShares {
  readonly shares: string;
  readonly from: string;
}

export const NO_SHARES: CompanyShares = { shares: "", from: "" };

/** Fields that cannot be sent as they are, by their names; {@link fieldOf} makes them. */
export type FieldProblems = Readonly<Record<string, string>>;

export const fieldOf = {
  investment: (id: number | string) => `investment ${id}`,
  company: (id: number | string) => `company ${id}`,
  companyFrom: (id: number | string) => `company ${id} from`,
  reviewAbove: "review above",
} as const;

export function emptyDraft(): MigrationDraft {
  return { byInvestment: {}, byCompany: {}, reviewAbove: "", submissionKey: newSubmissionKey() };
}

/** Whether anything was typed. */
export function isTyped({ byInvestment, byCompany, reviewAbove }: MigrationDraft): boolean {
  return (
    reviewAbove !== "" ||
    Object.values(byInvestment).some((text) => text !== "") ||
    Object.values(byCompany).some(({ shares, from }) => shares !== "" || from !== "")
  );
}

/** An older version of the page may have left something else. */
export function isMigrationDraft(value: unknown): value is MigrationDraft {
  if (!isRecord(value)) return false;
  const { byInvestment, byCompany, reviewAbove, submissionKey } = value;
  return (
    isRecord(byInvestment) &&
    Object.values(byInvestment).every(isText) &&
    isRecord(byCompany) &&
    Object.values(byCompany).every(
      (company) => isRecord(company) && isText(company.shares) && isText(company.from),
    ) &&
    isText(reviewAbove) &&
    isText(submissionKey)
  );
}

/** The draft as the server takes it, and what cannot be read of it. Fields left empty are not sent: nothing is assumed. */
export function termsOf(draft: MigrationDraft): { terms: MigrationTerms; problems: FieldProblems } {
  const problems: Record<string, string> = {};
  const fullyDilutedByInvestment: Record<string, string> = {};
  for (const [id, text] of Object.entries(draft.byInvestment)) {
    const shares = sharesOf(text, fieldOf.investment(id), problems);
    if (shares !== null) fullyDilutedByInvestment[id] = shares;
  }
  const fullyDilutedByCompany: Record<string, Record<string, string>> = {};
  for (const [id, { shares: text, from }] of Object.entries(draft.byCompany)) {
    const shares = sharesOf(text, fieldOf.company(id), problems);
    if (shares === null && text.trim() === "" && from !== "") {
      problems[fieldOf.company(id)] = "Enter the shares, or clear the date.";
    } else if (shares !== null && from === "") {
      problems[fieldOf.companyFrom(id)] = "Enter the date they are in force from.";
    } else if (shares !== null) fullyDilutedByCompany[id] = { [from]: shares };
  }
  const reviewAboveCents = centsOf(draft.reviewAbove, problems);
  const some = (record: object) => Object.keys(record).length > 0;
  return {
    terms: {
      ...(some(fullyDilutedByInvestment) ? { fullyDilutedByInvestment } : {}),
      ...(some(fullyDilutedByCompany) ? { fullyDilutedByCompany } : {}),
      ...(reviewAboveCents === null ? {} : { reviewAboveCents }),
    },
    problems,
  };
}

function sharesOf(text: string, field: string, problems: Record<string, string>): string | null {
  if (text.trim() === "") return null;
  const reading = readTyped(text, SHARE_DECIMALS);
  if (!reading.isNumber) {
    problems[field] = reading.problem;
    return null;
  }
  if (reading.units === 0n) {
    problems[field] = "Must be above 0.";
    return null;
  }
  return writeUnits(reading.units, SHARE_DECIMALS);
}

function centsOf(text: string, problems: Record<string, string>): string | null {
  if (text.trim() === "") return null;
  const reading = readTyped(text, CENT_DECIMALS);
  if (reading.isNumber) return String(reading.units);
  problems[fieldOf.reviewAbove] = reading.problem;
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
