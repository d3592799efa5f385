import { isDecimal, movePoint, shortestDecimal } from "../money/decimal";
import { formatCents, formatDate } from "../money/format";
import { isCivilDate } from "../time/moment-search";
import type { ImportChange, ImportDifference } from "./wire";

/** Changes of one company, in the order of the file. */
export interface CompanyChanges {
  readonly company: string;
  /** How the company was found among those of the fund; null for a new one. */
  readonly matchedBy: string | null;
  readonly changes: readonly ImportChange[];
}

/** Changes by company. Two companies of one name that follow each other are told apart by their own record. */
export function byCompany(changes: readonly ImportChange[]): CompanyChanges[] {
  const groups: { company: string; matchedBy: string | null; changes: ImportChange[] }[] = [];
  for (const change of changes) {
    const last = groups.at(-1);
    if (last && last.company === change.company && change.kind !== "company") {
      last.changes.push(change);
    } else {
      const { company, matchedBy = null } = change;
      groups.push({ company, matchedBy, changes: [change] });
    }
  }
  return groups;
}

const MATCHED: Readonly<Record<string, string>> = {
  reference: "known from an earlier import",
  number: "found by its number",
  name: "found by its name",
};

/** How a company was found: "found by its name". */
export function matchedText(matchedBy: string | null): string {
  return matchedBy === null ? "new" : (MATCHED[matchedBy] ?? matchedBy);
}

/** Which record changes: "Lot 2021-04-03 Seed". */
export function recordText({ kind, company, name }: ImportChange): string {
  switch (kind) {
    case "company":
      return name === company || name === "" ? "Company" : `Company ${name}`;
    case "lot":
      return `Lot ${name}`;
    case "event":
      return `Event ${name.replaceAll("_", " ")}`;
    case "exit_cases":
      return "Exit cases";
    default:
      return `${kind} ${name}`;
  }
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  name: "Name",
  sector: "Sector",
  stage: "Stage",
  lotType: "Lot type",
  instrument: "Instrument",
  shareClass: "Share class",
  purchaseDate: "Purchase date",
  sharesAcquired: "Shares",
  sharePriceCents: "Price per share",
  costBasisCents: "Cost",
  strikeCents: "Strike",
};

const PRICE_DECIMALS = 2;

export interface DifferenceText {
  readonly field: string;
  /** Null for nothing. */
  readonly before: string | null;
  readonly after: string | null;
}

/** A field before and after, as people write it. */
export function differenceText(difference: ImportDifference, currency: string): DifferenceText {
  const { field, before = null, after = null } = difference;
  const shown = (value: string | null) =>
    value === null ? null : valueText(field, value, currency);
  return { field: FIELD_NAMES[field] ?? field, before: shown(before), after: shown(after) };
}

function valueText(field: string, value: string, currency: string): string {
  if (field === "costBasisCents" && isDecimal(value)) return formatCents(value, currency);
  // A price has more decimals than a sum of money, and all of them count.
  if (field.endsWith("Cents") && isDecimal(value)) {
    return `${shortestDecimal(movePoint(value, -PRICE_DECIMALS))} ${currency}`;
  }
  if (field === "purchaseDate" && isCivilDate(value)) return formatDate(value);
  if (field === "lotType" || field === "instrument") return value.replaceAll("_", " ");
  return value;
}
