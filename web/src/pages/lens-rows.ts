import type { LegacyMoic } from "../api/wire";
import type { LensRow } from "../lenses/lens";
import type { LensReport } from "../lenses/report";

export const NO_SECTOR = "No sector";

/** The report names companies by id; their names and sectors come with the simple MOIC. */
export function companyRows(report: LensReport, moic: LegacyMoic | undefined): LensRow[] {
  const known = new Map(moic?.companies.map((company) => [String(company.companyId), company]));
  return report.companies.map(({ id, lenses }) => {
    const company = known.get(id);
    return {
      id,
      name: company?.name ?? `Company ${id}`,
      note: company?.sector ?? NO_SECTOR,
      lenses,
    };
  });
}

export function sectorRows(report: LensReport, companies: readonly LensRow[]): LensRow[] {
  return report.sectors.map(({ sector, lenses }) => {
    const name = sector ?? NO_SECTOR;
    const count = companies.filter((company) => company.note === name).length;
    return {
      id: `sector ${name}`,
      name,
      note: count === 1 ? "1 company" : `${count} companies`,
      lenses,
    };
  });
}

export function fundRow(report: LensReport): LensRow {
  return { id: "fund", name: "Fund total", note: "ratio of sums", lenses: report.fund };
}
