import { isLensKey, type LensKey } from "../lenses/lens";
import { asOfSearch } from "../time/moment-search";

/** What can be chosen on a company's page. */
export interface CompanySearch {
  /** The lens whose derivation is open. */
  lens?: LensKey;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
}

export function companySearch(search: Record<string, unknown>): CompanySearch {
  const { lens } = search;
  return {
    ...(isLensKey(lens) ? { lens } : {}),
    ...asOfSearch(search),
  };
}
