import { csv } from "../downloads/csv";
import { plainAmount, withAmounts } from "../money/explained";
import type { FundTable, FundTableRow } from "./fund-table";

const HEADER = [
  "Company",
  "Invested",
  "Realised",
  "Unrealised",
  "Total value",
  "Total value over cost",
  "IRR",
  "Legacy MOIC",
  "Difference",
  "Explanation",
];

/** The fund table as CSV, in the order that it is shown in. */
export function fundTableCsv(
  fund: FundTable["fund"],
  rows: readonly FundTableRow[],
  currency: string,
): string {
  const line = (name: string, row: FundTableRow) => [
    name,
    plainAmount(row.investedCents),
    plainAmount(row.realisedCents),
    plainAmount(row.unrealisedCents),
    plainAmount(row.totalValueCents),
    ...[row.totalValueOverCost, row.xirr, row.legacyMoic].map(({ value }) => value ?? "n/a"),
    row.difference ?? "n/a",
    withAmounts(row.explanation, currency),
  ];
  return csv([HEADER, line("Fund", fund), ...rows.map((row) => line(row.name ?? "", row))]);
}
