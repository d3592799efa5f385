import { movePoint, shortestDecimal } from "../money/decimal";
import type { PartialSaleTerms } from "./wire";

const PERCENT_PLACES = 2;

/** A part of one as a percentage with every decimal it has: `"0.125"` is `12.5%`. */
export function exactPercent(part: string): string {
  return `${shortestDecimal(movePoint(part, PERCENT_PLACES))}%`;
}

/** What was asked, in words: it stands beside the answer, which is of no use without. */
export function questionText({ irr, ownership }: PartialSaleTerms): string {
  return `at ${exactPercent(irr)} a year and an ownership of ${exactPercent(ownership)}`;
}
