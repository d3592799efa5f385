import type { LegacyMoic } from "../api/wire";
import { LENS_COLUMNS, type Lens, type LensRow } from "../lenses/lens";
import { legacyReasonText, reasonText } from "../lenses/reasons";
import type { LensReport } from "../lenses/report";
import { movePoint, shortestDecimal } from "../money/decimal";
import { csv } from "./csv";

/** The table of lenses as it is shown: these rows in this order, then the fund's own. */
export interface LensTableShown {
  readonly kind: "lenses";
  readonly report: LensReport;
  readonly rows: readonly LensRow[];
  readonly total: LensRow;
  readonly currency: string;
}

/** The simple MOIC as it is shown while there are no lenses. */
export interface SimpleTableShown {
  readonly kind: "simple";
  readonly moic: LegacyMoic;
}

const CENTS_DECIMALS = 2;

/** What the page shows as a CSV file: exact multiples, money in the currency's units, a reason where there is no number. */
export function reportCsv(shown: LensTableShown | SimpleTableShown): string {
  return shown.kind === "lenses" ? lensesCsv(shown) : simpleCsv(shown.moic);
}

function lensesCsv({ report, rows, total, currency }: LensTableShown): string {
  const headings = LENS_COLUMNS.flatMap(({ name }) => [
    name,
    `${name}: value (${currency})`,
    `${name}: cost (${currency})`,
    `${name}: no number because`,
  ]);
  const lines = [...rows, total].map(({ name, note, lenses }) => [
    name,
    note,
    report.asOf,
    ...LENS_COLUMNS.flatMap(({ key }) => {
      const lens: Lens = lenses[key];
      return [
        lens.value === null ? "" : shortestDecimal(lens.value),
        units(lens.numeratorCents),
        units(lens.denominatorCents),
        reasonText(key, lens) ?? "",
      ];
    }),
  ]);
  return csv([["Name", "Note", "As of", ...headings], ...lines]);
}

function simpleCsv({ companies, fund, currency }: LegacyMoic): string {
  const all = [
    ...companies.map((company) => ({ ...company, sector: company.sector ?? "" })),
    { ...fund, name: "Fund total", sector: "ratio of sums" },
  ];
  const lines = all.map(({ name, sector, moic, ...amounts }) => [
    name,
    sector,
    moic.value ? shortestDecimal(moic.value) : "",
    units(amounts.investedCents),
    units(amounts.realisedCents),
    units(amounts.unrealisedCents),
    moic.value ? "" : legacyReasonText(moic.reason),
  ]);
  const money = ["Invested", "Realised", "Unrealised"].map((name) => `${name} (${currency})`);
  return csv([["Name", "Note", "Simple MOIC", ...money, "No number because"], ...lines]);
}

/** Cents in units of the currency, exactly. */
function units(cents: string | null | undefined): string {
  return cents ? shortestDecimal(movePoint(cents, -CENTS_DECIMALS)) : "";
}
