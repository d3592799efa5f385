import { describe, expect, it } from "vitest";
import type { Lens } from "../lenses/lens";
import { orderBy, type Ranked, type Ranking } from "./ranking";
import { rankingSearch } from "./ranking-search";
import {
  CHANGES_MAX,
  changesOf,
  differences,
  excessText,
  moved,
  partOfOne,
  whatIfOf,
} from "./what-if";

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

function ranked(id: string, rank: number | null, value: string | null, cost?: string): Ranked {
  const planned = lens(value, cost);
  const reserves = value === null ? [] : ["b", "c"];
  return {
    id,
    name: `Company ${id}`,
    sector: "Fintech",
    rank,
    planned,
    deployed: planned,
    reserves,
  };
}

describe("the ranking of reserves", () => {
  it("keeps the server's ranks in another order", () => {
    const companies = [
      ranked("1", 1, "3", "9"),
      ranked("2", 2, "2", "10"),
      ranked("3", null, null),
    ];
    expect(orderBy(companies, "cost").map(({ id, rank }) => [id, rank])).toEqual([
      ["2", 2],
      ["1", 1],
      ["3", null],
    ]);
    expect(orderBy(companies, "rank")).toEqual(companies);
  });
});

describe("what if", () => {
  it("says when there is more to change than the server takes", () => {
    const ids = Array.from({ length: CHANGES_MAX + 1 }, (_, index) => String(index + 1));
    const companies = ids.map((id) => ranked(id, 1, "2"));
    const asked = changesOf({ all: { amount: 150 } }, companies);
    expect(excessText(asked.length)).toContain("change 1,001 companies");
    expect(excessText(CHANGES_MAX)).toBeNull();
  });

  it("reads sliders from the URL and drops what makes no sense", () => {
    const whatIf = {
      "7": { amount: 150, exit: 301, price: 2 },
      all: { deploy: 0 },
      "8": { deploy: 101 },
    };
    expect(whatIfOf(whatIf)).toEqual({ "7": { amount: 150 }, all: { deploy: 0 } });
    expect([undefined, "x", null, [], { "7": 3 }].map(whatIfOf)).toEqual([{}, {}, {}, {}, {}]);
  });

  it("moves one slider, and forgets one that is as planned", () => {
    const whatIf = moved({}, "7", "amount", 150);
    expect(moved(whatIf, "7", "exit", 80)).toEqual({ "7": { amount: 150, exit: 80 } });
    expect(moved(whatIf, "7", "amount", undefined)).toEqual({});
  });

  it("writes whole percent as exact decimals", () => {
    expect([0, 5, 95, 100, 125, 300].map(partOfOne)).toEqual([
      "0.00",
      "0.05",
      "0.95",
      "1.00",
      "1.25",
      "3.00",
    ]);
  });

  it("asks for every planned company, its own sliders over everybody's", () => {
    const companies = [ranked("1", 1, "3"), ranked("2", 2, "2"), ranked("3", null, null)];
    const whatIf = {
      all: { amount: 200 },
      "2": { amount: 50, exit: 120 },
      "2/c": { deploy: 10, exit: 5 },
      "9": { amount: 1 },
    };
    expect(changesOf(whatIf, companies)).toEqual([
      { companyId: 1, amountFactor: "2.00" },
      { companyId: 2, amountFactor: "0.50", exitPriceFactor: "1.20" },
      { companyId: 2, reserveId: "c", deployProbability: "0.10" },
    ]);
    expect(changesOf({}, companies)).toEqual([]);
  });

  it("tells what is changed, in the order that it then has", () => {
    const fund = { planned: lens("1"), deployed: lens("1"), exit: lens("1") };
    const of = (companies: Ranked[]): Ranking => ({ asOf: "2026-01-01", companies, fund });
    const before = of([ranked("1", 1, "3"), ranked("2", 2, "2"), ranked("3", 3, "1")]);
    const after = of([ranked("2", 1, "4"), ranked("1", 2, "3"), ranked("3", 3, "1")]);
    expect(differences(before, after).map(({ after }) => after.id)).toEqual(["2", "1"]);
    expect(differences(before, before)).toEqual([]);
  });
});

it("reads a shared order from the URL and drops what it does not know", () => {
  expect(rankingSearch({ sort: "cost", sector: "Fintech", asOf: "2022-12-31" })).toEqual({
    sort: "cost",
    sector: "Fintech",
    asOf: "2022-12-31",
  });
  expect(rankingSearch({ sort: "irr", sector: 1, asOf: "today", whatIf: {} })).toEqual({});
  expect(rankingSearch({ whatIf: { all: { exit: 50 } } })).toEqual({
    whatIf: { all: { exit: 50 } },
  });
});
