import { isLensKey, type LensKey } from "../lenses/lens";
import { momentSearch } from "../time/moment-search";

/** Everything that can be chosen on the fund page; it stands in the URL, so that a view can be shared. */
export interface FundSearch {
  /** Rows of the lens table; companies unless said otherwise. */
  by?: "sector";
  sort?: LensKey | "name";
  direction?: "ascending" | "descending";
  sector?: string;
  stage?: string;
  /** The company whose lots are shown. */
  company?: number;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
  /** An instant, `2026-01-31T12:00:00Z`: only what was recorded until then counts; now unless given. */
  knownAt?: string;
}

/** Reads the search part of the URL. What it does not know is dropped, so an old link still opens. */
export function fundSearch(search: Record<string, unknown>): FundSearch {
  const { by, sort, direction, sector, stage, company } = search;
  return {
    ...(by === "sector" ? { by } : {}),
    ...(isLensKey(sort) || sort === "name" ? { sort } : {}),
    ...(direction === "ascending" || direction === "descending" ? { direction } : {}),
    ...(typeof sector === "string" && sector !== "" ? { sector } : {}),
    ...(typeof stage === "string" && stage !== "" ? { stage } : {}),
    ...(typeof company === "number" && Number.isSafeInteger(company) ? { company } : {}),
    ...momentSearch(search),
  };
}
