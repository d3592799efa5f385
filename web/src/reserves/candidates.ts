import type { LegacyMoic } from "../api/wire";
import type { LensReport } from "../lenses/report";
import type { Candidate } from "./ranking";

const NO_SECTOR = "No sector";

/** The companies of a report; their names and sectors come with the simple MOIC. */
export function candidates({
  report,
  moic,
}: {
  report: LensReport;
  moic: LegacyMoic;
}): Candidate[] {
  const known = new Map(moic.companies.map((company) => [String(company.companyId), company]));
  return report.companies.map(({ id, lenses }) => {
    const company = known.get(id);
    return {
      id,
      name: company?.name ?? `Company ${id}`,
      sector: company?.sector ?? NO_SECTOR,
      lenses,
    };
  });
}
