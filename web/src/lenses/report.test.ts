import { expect, it } from "vitest";
import type { LensResult, WireLens } from "../api/wire";
import { LENS_COLUMNS } from "./lens";
import { lensReport } from "./report";

const lens: WireLens = { value: "1.500000000000", display: "1.50x", flags: [] };
const lenses = Object.fromEntries(LENS_COLUMNS.map(({ key }) => [key, lens]));
const result: LensResult = {
  asOf: "2022-12-31",
  inputsHash: "sha256:0",
  engineVersion: "1",
  fund: { lenses },
  companies: [{ id: "7", lenses, lots: [], plannedReserves: [] }],
  sectors: [{ lenses }],
  warnings: [],
};

it("reads the seven lenses of the fund, its companies and sectors", () => {
  const report = lensReport(result);
  expect(report.fund.exit_moic.display).toBe("1.50x");
  expect(report.companies[0]?.lenses.current_moic.reason).toBeNull();
  expect(report.sectors[0]?.sector).toBeNull();
});

it("refuses an answer in which a lens is missing, by name", () => {
  const { exit_moic: _, ...six } = lenses;
  const holed = { ...result, companies: [{ id: "7", lenses: six, lots: [], plannedReserves: [] }] };
  expect(() => lensReport(holed)).toThrow('"exit_moic"');
});
