import { expect, it } from "vitest";
import { fundSearch } from "./fund-search";

it("reads a shared view from the URL", () => {
  const view = { by: "sector", sort: "exit_moic", direction: "ascending", asOf: "2022-12-31" };
  expect(fundSearch(view)).toEqual(view);
});

it("drops what it does not know instead of failing", () => {
  const stale = { by: "stage", sort: "irr", direction: "up", asOf: "yesterday", sector: 7, x: 1 };
  expect(fundSearch(stale)).toEqual({});
});
