import { isLensKey, type LensKey } from "../lenses/lens";

/** Everything that can be chosen on the fund page; it stands in the URL, so that a view can be shared. */
export interface FundSearch {
  /** Rows of the lens table; companies unless said otherwise. */
  by?: "sector";
  sort?: LensKey | "name";
  direction?: "ascending" | "descending";
  sector?: string;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
}

const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the search part of the URL. What it does not know is dropped, so an old link still opens. */
export function fundSearch(search: Record<string, unknown>): FundSearch {
  const { by, sort, direction, sector, asOf } = search;
  return {
    ...(by === "sector" ? { by } : {}),
    ...(isLensKey(sort) || sort === "name" ? { sort } : {}),
    ...(direction === "ascending" || direction === "descending" ? { direction } : {}),
    ...(typeof sector === "string" && sector !== "" ? { sector } : {}),
    ...(typeof asOf === "string" && CIVIL_DATE.test(asOf) ? { asOf } : {}),
  };
}
