import { isRankingColumn, type RankingColumn } from "./ranking";

/** What can be chosen on the reserves page. */
export interface RankingSearch {
  /** The order of the table; by rank unless given. */
  sort?: RankingColumn;
  sector?: string;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
}

const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;

export function rankingSearch({ sort, sector, asOf }: Record<string, unknown>): RankingSearch {
  return {
    ...(isRankingColumn(sort) ? { sort } : {}),
    ...(typeof sector === "string" && sector !== "" ? { sector } : {}),
    ...(typeof asOf === "string" && CIVIL_DATE.test(asOf) ? { asOf } : {}),
  };
}
