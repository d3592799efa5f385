import { csv } from "../downloads/csv";
import { plainAmount, withAmounts } from "../money/explained";
import { lotTypeText } from "./migration-text";
import type { MigrationComparison, MigrationReport } from "./wire";

const INVESTMENTS = [
  "Company",
  "Round",
  "Date",
  "Amount",
  "Lot type",
  "Share class",
  "Shares",
  "Price per share",
  "Cost",
  "Pricing confidence",
  "What it needs",
  "To review",
];
const COMPARISONS = [
  "Company",
  "Legacy MOIC",
  "Lot-level MOIC",
  "Difference",
  "What it consists of",
];

/** The report of a migration as CSV: the investments, then legacy beside lot-level MOIC. */
export function migrationCsv(report: MigrationReport, currency: string): string {
  const investments = report.investments.map(({ lot, obstacle, review, ...investment }) => [
    investment.company,
    investment.round,
    investment.investmentDate,
    plainAmount(investment.amountCents),
    ...(lot
      ? [
          lotTypeText(lot),
          lot.shareClass,
          lot.sharesAcquired,
          plainAmount(lot.sharePriceCents),
          plainAmount(lot.costBasisCents),
          lot.pricingConfidence,
        ]
      : ["", "", "", "", "", ""]),
    obstacle ? withAmounts(obstacle.message, currency) : "",
    review.map(({ message }) => withAmounts(message, currency)).join("; "),
  ]);
  const comparison = (name: string, of: MigrationComparison) => [
    name,
    of.legacy ?? "n/a",
    of.lotLevel ?? "n/a",
    of.difference ?? "n/a",
    of.reason ?? of.parts.map(({ explanation }) => withAmounts(explanation, currency)).join("; "),
  ];
  return csv([
    INVESTMENTS,
    ...investments,
    [""],
    COMPARISONS,
    comparison("Fund", report.fund),
    ...report.companies.map((company) => comparison(company.company, company)),
  ]);
}
