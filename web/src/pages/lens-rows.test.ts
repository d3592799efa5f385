import { expect, it } from "vitest";
import type { LegacyMoic } from "../api/wire";
import type { Lenses } from "../lenses/lens";
import type { LensReport } from "../lenses/report";
import { chosenRows, companyRows, fundRow, sectorRows, stagesOf } from "./lens-rows";

const lenses = {} as Lenses;
const report: LensReport = {
  asOf: "2022-12-31",
  coverage: null,
  engineVersion: "1",
  inputsHash: "sha256:0",
  fund: lenses,
  beside: {},
  companies: ["7", "8", "9"].map((id) => ({ id, lenses, beside: {}, lots: [], reserves: [] })),
  sectors: [
    { sector: "Fintech", lenses },
    { sector: null, lenses },
  ],
};
const amounts = {
  moic: {
    value: null,
    display: null,
    numeratorCents: null,
    denominatorCents: null,
    reason: "unvalued",
  },
  basis: "ownership × latest post-money valuation + realised",
  investedCents: "1",
  realisedCents: "0",
  unrealisedCents: null,
};
const moic: LegacyMoic = {
  fundId: 1,
  basis: "gross",
  currency: "USD",
  fund: amounts,
  companies: [
    { companyId: 7, name: "AlphaTech", sector: "Fintech", ...amounts },
    { companyId: 8, name: "Beacon", sector: null, ...amounts },
  ],
};

const company = { fundId: 1, status: "active", version: 1, createdAt: "", updatedAt: "" };
const companies = [
  { ...company, id: 7, name: "AlphaTech", stage: "Series A" },
  { ...company, id: 8, name: "Beacon", stage: null },
];

it("gives each company of the report its name and sector", () => {
  const rows = companyRows(report, moic, companies).map(({ name, note }) => [name, note]);
  expect(rows).toEqual([
    ["AlphaTech", "Fintech"],
    ["Beacon", "No sector"],
    // Created between the two requests: shown, and not dropped from a table that has a total.
    ["Company 9", "No sector"],
  ]);
});

it("says how many companies a sector has", () => {
  const rows = sectorRows(report, companyRows(report, moic, companies));
  expect(rows.map(({ name, note }) => [name, note])).toEqual([
    ["Fintech", "1 company"],
    ["No sector", "2 companies"],
  ]);
});

it("states the fund's row as a ratio of sums", () => {
  expect(fundRow(report)).toMatchObject({ name: "Fund total", note: "ratio of sums" });
});

it("chooses companies by sector and stage together", () => {
  const rows = companyRows(report, moic, companies);
  const chosen = (choice: Parameters<typeof chosenRows>[1]) =>
    chosenRows(rows, choice).map(({ name }) => name);
  expect(stagesOf(rows)).toEqual(["No stage", "Series A"]);
  expect(chosen({})).toHaveLength(3);
  expect(chosen({ stage: "Series A" })).toEqual(["AlphaTech"]);
  expect(chosen({ stage: "No stage", sector: "No sector" })).toEqual(["Beacon"]);
  expect(chosen({ stage: "Series A", sector: "Health" })).toEqual([]);
});
