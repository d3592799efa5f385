import { isLensKey, type LensKey } from "../lenses/lens";

/** What can be chosen on a company's page. */
export interface CompanySearch {
  /** The lens whose derivation is open. */
  lens?: LensKey;
  /** A civil date, `2022-12-31`; today unless given. */
  asOf?: string;
}

const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;

export function companySearch({ lens, asOf }: Record<string, unknown>): CompanySearch {
  return {
    ...(isLensKey(lens) ? { lens } : {}),
    ...(typeof asOf === "string" && CIVIL_DATE.test(asOf) ? { asOf } : {}),
  };
}
