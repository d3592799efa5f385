import { asOfSearch } from "../time/moment-search";
import { isRankingColumn, type RankingColumn } from "./ranking";
import { type WhatIf, whatIfOf } from "./what-if";

/** What can be chosen on the reserves page. */
export interface RankingSearch {
  /** The order of the table; by rank unless given. */
  sort?: RankingColumn;
  sector?: string;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
  /** Where the sliders stand. */
  whatIf?: WhatIf;
}

export function rankingSearch(search: Record<string, unknown>): RankingSearch {
  const { sort, sector } = search;
  const whatIf = whatIfOf(search.whatIf);
  return {
    ...(isRankingColumn(sort) ? { sort } : {}),
    ...(typeof sector === "string" && sector !== "" ? { sector } : {}),
    ...asOfSearch(search),
    ...(Object.keys(whatIf).length > 0 ? { whatIf } : {}),
  };
}
