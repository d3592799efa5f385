import { RequestFailed } from "../api/problem";
import { newSubmissionKey } from "../api/submission-key";
import { priceCentsOf, shareOfPercent } from "../investments/purchase-terms";
import { readTyped, writeUnits } from "../investments/typed-number";
import { asSentence } from "../money/explained";
import type { MigrationTerms } from "./wire";

/** As many decimals as the server keeps of a count of shares. */
const SHARE_DECIMALS = 8;
const CENT_DECIMALS = 2;
/** A price has up to 8 decimals of a cent. */
const PRICE_DECIMALS = 10;
const PERCENT_DECIMALS = 6;
const HUNDRED_PERCENT = 100n * 10n ** BigInt(PERCENT_DECIMALS);

/** What was typed on the page of a migration, as it was typed. */
export interface MigrationDraft {
  /** Fully diluted shares right after the round, by investment. */
  readonly byInvestment: Readonly<Record<string, string>>;
  /** Fully diluted shares of a whole company, and the date they are in force from. */
  readonly byCompany: Readonly<Record<string, CompanyShares>>;
  /** The amount above which an investment is listed for review, in the currency. */
  readonly reviewAbove: string;
  /** Shares or price per share of an investment itself, by investment: they stand in for a count. */
  readonly given: Readonly<Record<string, GivenTerms>>;
  /** Share class by name of the round; empty for one that is called like the round. */
  readonly classByRound: Readonly<Record<string, string>>;
  /** By how much an amount may differ from ownership × valuation, in percent; empty for the server's own. */
  readonly tolerancePercent: string;
  /** The `Idempotency-Key` of these terms, so that one whose answer was lost is not written twice. */
  readonly submissionKey: string;
}

export interface CompanyShares {
  readonly shares: string;
  readonly from: string;
}

export interface GivenTerms {
  readonly shares: string;
  /** Per share, in the currency. */
  readonly price: string;
}

export const NO_TERMS: GivenTerms = { shares: "", price: "" };
export const NO_SHARES: CompanyShares = { shares: "", from: "" };

/** Fields that cannot be sent as they are, by their names; {@link fieldOf} makes them. */
export type FieldProblems = Readonly<Record<string, string>>;

export const fieldOf = {
  investment: (id: number | string) => `investment ${id}`,
  company: (id: number | string) => `company ${id}`,
  companyFrom: (id: number | string) => `company ${id} from`,
  givenShares: (id: number | string) => `shares ${id}`,
  givenPrice: (id: number | string) => `price ${id}`,
  round: (round: string) => `round ${round}`,
  reviewAbove: "review above",
  tolerance: "tolerance",
} as const;

export function emptyDraft(): MigrationDraft {
  return {
    byInvestment: {},
    byCompany: {},
    reviewAbove: "",
    given: {},
    classByRound: {},
    tolerancePercent: "",
    submissionKey: newSubmissionKey(),
  };
}

/** Whether anything was typed. */
export function isTyped({ submissionKey: _, ...draft }: MigrationDraft): boolean {
  const { byInvestment, byCompany, given, classByRound, reviewAbove, tolerancePercent } = draft;
  return [
    reviewAbove,
    tolerancePercent,
    ...Object.values(byInvestment),
    ...Object.values(classByRound),
    ...Object.values(byCompany).flatMap(({ shares, from }) => [shares, from]),
    ...Object.values(given).flatMap(({ shares, price }) => [shares, price]),
  ].some((text) => text !== "");
}

/** An older version of the page may have left something else. */
export function isMigrationDraft(value: unknown): value is MigrationDraft {
  if (!isRecord(value)) return false;
  const { byInvestment, byCompany, given, classByRound, ...texts } = value;
  const hasTexts = (record: unknown, ...names: string[]) =>
    isRecord(record) && names.every((name) => isText(record[name]));
  return (
    isRecord(byInvestment) &&
    Object.values(byInvestment).every(isText) &&
    isRecord(byCompany) &&
    Object.values(byCompany).every((company) => hasTexts(company, "shares", "from")) &&
    isRecord(given) &&
    Object.values(given).every((terms) => hasTexts(terms, "shares", "price")) &&
    isRecord(classByRound) &&
    Object.values(classByRound).every(isText) &&
    hasTexts(texts, "reviewAbove", "tolerancePercent", "submissionKey")
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
  const givenTerms = givenOf(draft, problems);
  const shareClassByRound = Object.fromEntries(
    Object.entries(draft.classByRound)
      .map(([round, name]) => [round, name.trim()] as const)
      .filter(([, name]) => name !== ""),
  );
  const reviewAboveCents = centsOf(draft.reviewAbove, problems);
  const tolerance = toleranceOf(draft.tolerancePercent, problems);
  const some = (record: object) => Object.keys(record).length > 0;
  return {
    terms: {
      ...(some(fullyDilutedByInvestment) ? { fullyDilutedByInvestment } : {}),
      ...(some(fullyDilutedByCompany) ? { fullyDilutedByCompany } : {}),
      ...(some(givenTerms) ? { givenTerms } : {}),
      ...(some(shareClassByRound) ? { shareClassByRound } : {}),
      ...(reviewAboveCents === null ? {} : { reviewAboveCents }),
      ...(tolerance === null ? {} : { tolerance }),
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

function givenOf({ given }: MigrationDraft, problems: Record<string, string>) {
  const found: Record<string, { shares?: string; priceCents?: string }> = {};
  for (const [id, typed] of Object.entries(given)) {
    const shares = sharesOf(typed.shares, fieldOf.givenShares(id), problems);
    const priceCents = priceOf(typed.price, fieldOf.givenPrice(id), problems);
    if (shares === null && priceCents === null) continue;
    found[id] = {
      ...(shares === null ? {} : { shares }),
      ...(priceCents === null ? {} : { priceCents }),
    };
  }
  return found;
}

function priceOf(text: string, field: string, problems: Record<string, string>): string | null {
  if (text.trim() === "") return null;
  const reading = readTyped(text, PRICE_DECIMALS);
  if (reading.isNumber && reading.units > 0n) return priceCentsOf(text);
  problems[field] = reading.isNumber ? "Must be above 0." : reading.problem;
  return null;
}

function toleranceOf(text: string, problems: Record<string, string>): string | null {
  if (text.trim() === "") return null;
  const reading = readTyped(text, PERCENT_DECIMALS);
  if (reading.isNumber && reading.units <= HUNDRED_PERCENT) return shareOfPercent(text);
  problems[fieldOf.tolerance] = reading.isNumber ? "Can be at most 100." : reading.problem;
  return null;
}

function centsOf(text: string, problems: Record<string, string>): string | null {
  if (text.trim() === "") return null;
  const reading = readTyped(text, CENT_DECIMALS);
  if (reading.isNumber) return String(reading.units);
  problems[fieldOf.reviewAbove] = reading.problem;
  return null;
}

/** What the server found, at the fields that it concerns. */
export function problemsOf(error: Error | null): FieldProblems {
  if (!(error instanceof RequestFailed)) return {};
  const found: Record<string, string> = {};
  for (const { path, message } of error.problem.details ?? []) {
    const field = fieldOfPath(path);
    if (field !== null) found[field] ??= asSentence(message);
  }
  return found;
}

/** The field that stands for a path such as `givenTerms.7.priceCents`; the name of a round may hold points itself. */
function fieldOfPath(path: string): string | null {
  const [list = "", id = "", term] = path.split(".");
  switch (list) {
    case "fullyDilutedByInvestment":
      return fieldOf.investment(id);
    case "fullyDilutedByCompany":
      return fieldOf.company(id);
    case "givenTerms":
      return term === "priceCents" ? fieldOf.givenPrice(id) : fieldOf.givenShares(id);
    case "shareClassByRound":
      return fieldOf.round(path.slice(list.length + 1));
    case "reviewAboveCents":
      return fieldOf.reviewAbove;
    case "tolerance":
      return fieldOf.tolerance;
    default:
      return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
