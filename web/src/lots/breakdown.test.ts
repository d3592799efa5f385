import { describe, expect, it } from "vitest";
import type { Lens, Lenses } from "../lenses/lens";
import type { CompanyLenses } from "../lenses/report";
import { lotGroups } from "./breakdown";
import { documentLots, type LotFacts, type LotType } from "./lot-facts";
import { formatPrice, formatShares } from "./share-format";

function lens(numeratorCents: string | null, denominatorCents: string): Lens {
  return {
    numeratorCents,
    denominatorCents,
    value: null,
    display: null,
    reason: null,
    flags: [],
    lots: [],
  };
}

function lot(id: string, value: string | null, cost: string) {
  return { id, current: lens(value, cost), exit: lens("300.5", cost) };
}

function facts(id: string, lotType: LotType, purchaseDate: string): LotFacts {
  const shares = { shareClass: "PS", shares: "10", price: "10" };
  return { id, lotType, purchaseDate, instrument: "equity", ...shares };
}

const company: CompanyLenses = {
  id: "7",
  lenses: {} as Lenses,
  beside: {},
  reserves: [],
  lots: [
    lot("b", "100.25", "50"),
    lot("a", "0.75", "50"),
    lot("s", null, "20"),
    lot("x", "1", "1"),
  ],
};
const known = [
  facts("b", "follow_on", "2023-01-01"),
  facts("a", "initial", "2020-01-01"),
  facts("s", "secondary", "2021-06-01"),
];

describe("the breakdown of a company", () => {
  it("has its lots by type, and a lot without facts is not lost", () => {
    const groups = lotGroups(company, known, "by_position");
    expect(groups.map(({ type, lots }) => [type, lots.map(({ lot }) => lot.id)])).toEqual([
      ["initial", ["a"]],
      ["follow_on", ["b"]],
      ["secondary", ["s"]],
      ["unknown", ["x"]],
    ]);
  });

  it("adds money exactly, and adds nothing up that is not known", () => {
    const two = { ...company, lots: [lot("a", "0.1", "50"), lot("c", "0.2", "1.000001")] };
    const [group] = lotGroups(two, [...known, facts("c", "initial", "2019-01-01")], "by_position");
    expect(group).toMatchObject({
      costCents: "51.000001",
      valueCents: "0.3",
      expectedCents: "601.0",
    });
    expect(group?.lots.map(({ lot }) => lot.id)).toEqual(["c", "a"]);
    const secondary = lotGroups(company, known, "by_position")[2];
    expect(secondary).toMatchObject({ valueCents: null, costCents: "20" });
  });

  it("says what a secondary counts as, after the fund's policy", () => {
    const counted = (bucket: Parameters<typeof lotGroups>[2], date: string) =>
      lotGroups(company, [...known.slice(0, 2), facts("s", "secondary", date)], bucket)[2]?.lots[0]
        ?.countsAs;
    expect(counted("by_position", "2021-06-01")).toBe("follow-on");
    expect(counted("by_position", "2020-01-01")).toBe("initial");
    expect(counted("follow_on", "2020-01-01")).toBe("follow-on");
    expect(counted("separate", "2020-01-01")).toBeNull();
  });
});

it("reads a company's lots from the portfolio document, exercised warrants among them", () => {
  const bought = { id: "w", lotType: "follow_on", purchaseDate: "2022-01-01" } as const;
  const exercise = { type: "exercise", date: "2024-04-01", newLot: "wx", lotType: "follow_on" };
  const document = {
    companies: [{ id: "7", lots: [bought], events: [exercise, { type: "mark", date: "" }] }],
  } as Parameters<typeof documentLots>[0];
  expect(documentLots(document, "7").map(({ id, purchaseDate }) => [id, purchaseDate])).toEqual([
    ["w", "2022-01-01"],
    ["wx", "2024-04-01"],
  ]);
  expect(documentLots(document, "8")).toEqual([]);
});

it("writes shares and prices without dropping a decimal", () => {
  expect(formatShares("518138.294565")).toBe("518,138.294565");
  expect(formatPrice("650.407", "USD")).toBe("$6.50407");
  expect(formatPrice("1000.5", "USD")).toBe("$10.005");
  expect(formatPrice("71.21", "USD")).toBe("$0.7121");
});
