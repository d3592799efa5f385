import { expect, it } from "vitest";
import { fundSearch } from "./fund-search";

it("reads a shared view from the URL", () => {
  const view = {
    by: "sector",
    sort: "exit_moic",
    direction: "ascending",
    sector: "Fintech",
    stage: "Series A",
    company: 7,
    asOf: "2022-12-31",
    knownAt: "2026-01-31T12:00:00Z",
  };
  expect(fundSearch(view)).toEqual(view);
});

it("drops what it does not know instead of failing", () => {
  const stale = { by: "stage", sort: "irr", direction: "up", asOf: "yesterday", sector: 7, x: 1 };
  expect(fundSearch(stale)).toEqual({});
  expect(fundSearch({ company: "seven", stage: "", knownAt: "2026-01-31" })).toEqual({});
});
