import { useQuery } from "@tanstack/react-query";
import { legacyMoicQuery } from "../api/queries";
import type { LegacyMoic } from "../api/wire";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { lotLensesQuery } from "./queries";
import type { CompanyLenses } from "./wire";

/** What is known of a company's multiples. */
export interface CompanyLensAnswer {
  readonly data: { readonly asOf: string; readonly company: CompanyLenses | null } | undefined;
  readonly error: Error | null;
  readonly retry: () => void;
  /** The simple MOIC, which is there whatever the flags say. */
  readonly simple: LegacyMoic["companies"][number] | undefined;
}

/** A company's lenses as of a date, and its simple MOIC. */
export function useCompanyLenses(
  fundId: number,
  companyId: number,
  asOf: string | undefined,
): CompanyLensAnswer {
  const feature = useLotLevelMoic();
  const lenses = useQuery({
    ...lotLensesQuery(fundId, asOf, feature.isOn),
    enabled: feature.isKnown,
  });
  const moic = useQuery(legacyMoicQuery(fundId));
  const company = lenses.data?.companies.find(({ id }) => id === String(companyId)) ?? null;
  return {
    data: lenses.data && { asOf: lenses.data.asOf, company },
    error: lenses.error,
    retry: () => void lenses.refetch(),
    simple: moic.data?.companies.find((one) => one.companyId === companyId),
  };
}
