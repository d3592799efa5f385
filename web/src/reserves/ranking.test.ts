import { describe, expect, it } from "vitest";
import { LENS_COLUMNS, type Lens, type Lenses } from "../lenses/lens";
import { type Candidate, orderBy, rankCompanies } from "./ranking";
import { rankingSearch } from "./ranking-search";

function lens(value: string | null, cost = "100"): Lens {
  return {
    numeratorCents: value === null ? null : "1",
    denominatorCents: value === null ? null : cost,
    value,
    display: value === null ? null : `${value.slice(0, 4)}x`,
    reason: value === null ? "no_planned_reserves" : null,
    flags: [],
    lots: [],
  };
}

function candidate(name: string, value: string | null, cost?: string): Candidate {
  const lenses = Object.fromEntries(LENS_COLUMNS.map(({ key }) => [key, lens(value, cost)]));
  return { id: name, name, sector: "Fintech", lenses: lenses as Lenses };
}

const ranks = (candidates: Candidate[]) =>
  rankCompanies(candidates).map(({ name, rank }) => [name, rank]);

describe("the ranking of reserves", () => {
  it("puts the best next dollar first, and what has no multiple last without a rank", () => {
    const companies = [
      candidate("Nine", "9.500000000000"),
      candidate("None", null),
      candidate("Ten", "10.20000000000"),
      candidate("Written off", "0.000000000000"),
    ];
    expect(ranks(companies)).toEqual([
      ["Ten", 1],
      ["Nine", 2],
      ["Written off", 3],
      ["None", null],
    ]);
  });

  it("ranks by the value, also where what is shown is alike", () => {
    const companies = [candidate("A", "1.751000000001"), candidate("B", "1.751000000002")];
    expect(ranks(companies)).toEqual([
      ["B", 1],
      ["A", 2],
    ]);
  });

  it("gives alike multiples one rank, by name, and goes on after both", () => {
    const companies = [
      candidate("C", "1.5"),
      candidate("B", "2.000000000000"),
      candidate("A", "2"),
    ];
    expect(ranks(companies)).toEqual([
      ["A", 1],
      ["B", 1],
      ["C", 3],
    ]);
  });

  it("keeps the ranks in another order", () => {
    const ranked = rankCompanies([
      candidate("Small", "3", "9"),
      candidate("None", null),
      candidate("Large", "2", "10"),
    ]);
    expect(orderBy(ranked, "cost").map(({ name, rank }) => [name, rank])).toEqual([
      ["Large", 2],
      ["Small", 1],
      ["None", null],
    ]);
    expect(orderBy(ranked, "name").map(({ name }) => name)).toEqual(["Large", "None", "Small"]);
  });
});

it("reads a shared order from the URL and drops what it does not know", () => {
  expect(rankingSearch({ sort: "cost", sector: "Fintech", asOf: "2022-12-31" })).toEqual({
    sort: "cost",
    sector: "Fintech",
    asOf: "2022-12-31",
  });
  expect(rankingSearch({ sort: "irr", sector: 1, asOf: "today" })).toEqual({});
});
