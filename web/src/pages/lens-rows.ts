import type { LegacyMoic } from "../api/wire";
import type { LensRow } from "../lenses/lens";
import type { LensReport } from "../lenses/report";
import type { Company } from "./queries";

export const NO_SECTOR = "No sector";
export const NO_STAGE = "No stage";

/** A company's row, with what it can be chosen by. */
export interface CompanyRow extends LensRow {
  readonly sector: string;
  /** Undefined while it is not known. */
  readonly stage: string | undefined;
}

/** What companies are chosen by; all of them unless given. */
export interface Choice {
  readonly sector?: string | undefined;
  readonly stage?: string | undefined;
}

/** The report names companies by id; their names and sectors come with the simple MOIC, their stages later. */
export function companyRows(
  report: LensReport,
  moic: LegacyMoic | undefined,
  companies: readonly Company[] | undefined,
): CompanyRow[] {
  const known = new Map(moic?.companies.map((company) => [String(company.companyId), company]));
  const stages = new Map(companies?.map(({ id, stage }) => [String(id), stage ?? NO_STAGE]));
  return report.companies.map(({ id, lenses, lots }) => {
    const company = known.get(id);
    const sector = company?.sector ?? NO_SECTOR;
    return {
      id,
      name: company?.name ?? `Company ${id}`,
      note: sector,
      sector,
      stage: stages.get(id),
      lots: lots.length,
      lenses,
    };
  });
}

/** The companies of the chosen sector and stage. */
export function chosenRows(
  rows: readonly CompanyRow[],
  { sector, stage }: Choice,
): readonly CompanyRow[] {
  if (sector === undefined && stage === undefined) return rows;
  return rows.filter(
    (row) =>
      (sector === undefined || row.sector === sector) &&
      (stage === undefined || row.stage === stage),
  );
}

/** The stages that companies have, in the order of the alphabet. */
export function stagesOf(rows: readonly CompanyRow[]): string[] {
  const stages = new Set(rows.flatMap(({ stage }) => (stage === undefined ? [] : [stage])));
  return [...stages].sort((a, b) => a.localeCompare(b, "en"));
}

export function sectorRows(report: LensReport, companies: readonly CompanyRow[]): LensRow[] {
  return report.sectors.map(({ sector, lenses }) => {
    const name = sector ?? NO_SECTOR;
    const count = companies.filter((company) => company.sector === name).length;
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
