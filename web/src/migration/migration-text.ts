import { counted } from "../imports/count-words";
import { formatMultiple } from "../money/explained";
import type { DerivedLot, MigratedInvestment, MigrationComparison, MigrationReport } from "./wire";

/** What applying does, in a sentence. */
export function planText({ investmentCount, migratedCount }: MigrationReport): string {
  if (migratedCount === 0) {
    return `None of ${counted(investmentCount, "investment")} can become a lot yet: each says what it needs.`;
  }
  return `${migratedCount.toLocaleString("en-US")} of ${counted(investmentCount, "investment")} ${
    migratedCount === 1 ? "becomes a lot" : "become lots"
  }; the legacy records stay as they are.`;
}

const LOT_TYPES: Readonly<Record<string, string>> = { initial: "Initial", follow_on: "Follow-on" };

export function lotTypeText({ lotType }: Pick<DerivedLot, "lotType">): string {
  return LOT_TYPES[lotType] ?? lotType;
}

const CONFIDENCES: Readonly<Record<string, string>> = {
  calculated: "Follows from the post-money valuation and the fully diluted shares",
  verified:
    "Follows from them, and the ownership on record agrees with the amount and with the shares",
  manual: "Shares or price were given themselves",
};

/** What a lot's price rests on. */
export function confidenceText({ pricingConfidence }: DerivedLot): string {
  return CONFIDENCES[pricingConfidence] ?? pricingConfidence;
}

/** The two multiples and what lies between them, as text. */
export function comparisonTexts(of: MigrationComparison) {
  return {
    legacy: formatMultiple(of.legacy),
    lotLevel: formatMultiple(of.lotLevel),
    difference: formatMultiple(of.difference, true),
  };
}

/** The id of the field for an investment's fully diluted shares, so that the list of reviews can lead to it. */
export function shareFieldId(investmentId: number): string {
  return `fully-diluted-${investmentId}`;
}

const ABOVE_THRESHOLD = "above_threshold";

/** The investments that somebody should look at, those above the threshold first. */
export function toReview(investments: readonly MigratedInvestment[]): MigratedInvestment[] {
  const isAbove = ({ review }: MigratedInvestment) =>
    review.some(({ cause }) => cause === ABOVE_THRESHOLD);
  const found = investments.filter(({ review }) => review.length > 0);
  return [...found.filter(isAbove), ...found.filter((one) => !isAbove(one))];
}

/** The rounds of the investments, each once, in their order. */
export function roundsOf(investments: readonly MigratedInvestment[]): string[] {
  return [...new Set(investments.map(({ round }) => round))];
}
