import type { InvestmentFields } from "./draft";
import type { Purchase } from "./purchase-terms";
import { readTyped } from "./typed-number";
import type { FieldProblems } from "./wire-bodies";

const PERCENT_PLACES = 12;
const WHOLE_UNITS = 100n * 10n ** BigInt(PERCENT_PLACES);
const CENT_PLACES = 2;

/** What is wrong with the form before anything is sent. `withLot`: whether price and shares belong to it. */
export function checkFields(
  fields: InvestmentFields,
  purchase: Purchase,
  withLot: boolean,
): FieldProblems {
  const isDerived = (term: string) => purchase.derived?.term === term;
  const amount =
    purchase.problems.amount ??
    (fields.amount.trim() === "" && !(withLot && isDerived("amount"))
      ? "Enter the amount."
      : undefined);
  const problems: Record<string, string | undefined> = {
    company: fields.company === "" ? "Choose a company." : undefined,
    round: fields.round.trim() === "" ? "Enter the round, such as Series A." : undefined,
    date: fields.date === "" ? "Enter the date of the investment." : undefined,
    amount,
    ownershipPercent: optional(fields.ownershipPercent, PERCENT_PLACES, WHOLE_UNITS),
    postMoneyValuation: optional(fields.postMoneyValuation, CENT_PLACES),
    ...(withLot ? lotProblems(fields, purchase) : {}),
  };
  return Object.fromEntries(
    Object.entries(problems).filter(([, problem]) => problem !== undefined),
  ) as FieldProblems;
}

function lotProblems(fields: InvestmentFields, { problems, derived, difference }: Purchase) {
  const isMissing = fields.price.trim() === "" && derived?.term !== "price";
  const contradiction = difference?.isContradiction
    ? `Shares × price is ${difference.product}: correct one of the three.`
    : undefined;
  return {
    price:
      problems.price ??
      (isMissing ? "Enter the share price, or amount and shares." : contradiction),
    shares: problems.shares,
    lotType: fields.lotType === "" ? "Choose what kind of lot it is." : undefined,
  };
}

function optional(text: string, places: number, unitsMax?: bigint): string | undefined {
  if (text.trim() === "") return undefined;
  const reading = readTyped(text, places);
  if (!reading.isNumber) return reading.problem;
  return unitsMax !== undefined && reading.units > unitsMax ? "Must be at most 100." : undefined;
}
