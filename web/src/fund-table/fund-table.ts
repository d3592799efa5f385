import type { components } from "../api/schema";
import { compareDecimals } from "../money/decimal";
import { momentSearch } from "../time/moment-search";

export type FundTable = components["schemas"]["FundTableView"];
export type FundTableRow = components["schemas"]["FundTableRowView"];

const COLUMNS = [
  "name",
  "invested",
  "realised",
  "unrealised",
  "total",
  "multiple",
  "xirr",
] as const;
/** What the fund table can be ordered by. */
export type FundTableColumn = (typeof COLUMNS)[number];

/** What can be chosen on the page; it stands in the URL. */
export interface FundTableSearch {
  /** By name unless given; amounts and ratios the greatest first. */
  sort?: FundTableColumn;
  /** A civil date; today unless given. */
  asOf?: string;
  /** An instant: only what was recorded until then counts. */
  knownAt?: string;
}

export function fundTableSearch(search: Record<string, unknown>): FundTableSearch {
  const { sort } = search;
  const column = COLUMNS.find((known) => known === sort);
  return {
    ...(column ? { sort: column } : {}),
    ...momentSearch(search),
  };
}

const VALUES: Readonly<
  Record<Exclude<FundTableColumn, "name">, (row: FundTableRow) => string | null | undefined>
> = {
  invested: (row) => row.investedCents,
  realised: (row) => row.realisedCents,
  unrealised: (row) => row.unrealisedCents,
  total: (row) => row.totalValueCents,
  multiple: (row) => row.totalValueOverCost.value,
  xirr: (row) => row.xirr.value,
};

/** The rows in another order, the greatest first; what has no value stands last. */
export function orderRows(rows: readonly FundTableRow[], column: FundTableColumn): FundTableRow[] {
  if (column === "name") {
    return rows.toSorted((a, b) => (a.name ?? "").localeCompare(b.name ?? "", "en"));
  }
  const figureOf = VALUES[column];
  return rows.toSorted((a, b) => {
    const left = figureOf(a) ?? null;
    const right = figureOf(b) ?? null;
    if (left === null || right === null) return (left === null ? 1 : 0) - (right === null ? 1 : 0);
    return compareDecimals(right, left);
  });
}
