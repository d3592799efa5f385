import { describe, expect, it } from "vitest";
import { RequestFailed } from "../api/problem";
import { emptyDraft, fieldOf, isMigrationDraft, isTyped, problemsOf, termsOf } from "./draft";

const draft = emptyDraft();

describe("the terms of a migration", () => {
  it("hold nothing that was not typed", () => {
    expect(termsOf(draft)).toEqual({ terms: {}, problems: {} });
    expect(termsOf({ ...draft, byInvestment: { 1: " " } }).terms).toEqual({});
    expect(isTyped(draft)).toBe(false);
  });

  it("are exact", () => {
    const typed = {
      ...draft,
      byInvestment: { 7: "10,000,000.5" },
      byCompany: { 3: { shares: "9007199254740993", from: "2021-04-03" } },
      reviewAbove: "2,500,000.1",
    };
    expect(isTyped(typed)).toBe(true);
    expect(termsOf(typed)).toEqual({
      terms: {
        fullyDilutedByInvestment: { 7: "10000000.5" },
        fullyDilutedByCompany: { 3: { "2021-04-03": "9007199254740993" } },
        reviewAboveCents: "250000010",
      },
      problems: {},
    });
  });

  it("hold given shares and prices, classes and the tolerance as the server takes them", () => {
    const typed = {
      ...draft,
      given: { 7: { shares: "1,000.5", price: "" }, 8: { shares: "", price: "6.50407" } },
      classByRound: { Seed: " Series Seed ", A: " " },
      tolerancePercent: "2.5",
    };
    expect(isTyped(typed)).toBe(true);
    expect(termsOf(typed)).toEqual({
      terms: {
        givenTerms: { 7: { shares: "1000.5" }, 8: { priceCents: "650.407" } },
        shareClassByRound: { Seed: "Series Seed" },
        tolerance: "0.025",
      },
      problems: {},
    });
    const wrong = { ...typed, given: { 7: { shares: "0", price: "x" } }, tolerancePercent: "101" };
    expect(Object.keys(termsOf(wrong).problems)).toEqual([
      fieldOf.givenShares(7),
      fieldOf.givenPrice(7),
      fieldOf.tolerance,
    ]);
  });

  it("name the fields that cannot be read, and leave them out", () => {
    const { terms, problems } = termsOf({
      ...draft,
      byInvestment: { 1: "many", 2: "0", 3: "100" },
      byCompany: { 4: { shares: "100", from: "" }, 5: { shares: "", from: "2021-04-03" } },
      reviewAbove: "1.234",
    });
    expect(terms).toEqual({ fullyDilutedByInvestment: { 3: "100" } });
    expect(Object.keys(problems)).toEqual([
      fieldOf.investment(1),
      fieldOf.investment(2),
      fieldOf.companyFrom(4),
      fieldOf.company(5),
      fieldOf.reviewAbove,
    ]);
  });
});

it("puts what the server found at the fields", () => {
  const paths = [
    "fullyDilutedByInvestment.1",
    "fullyDilutedByCompany.2.2021-04-03",
    "givenTerms.3.priceCents",
    "shareClassByRound.Seed v1.2",
    "tolerance",
    "dryRun",
  ];
  const details = paths.map((path) => ({ path, value: "", message: "must be other" }));
  expect(Object.keys(problemsOf(new RequestFailed(422, { details }, null)))).toEqual([
    fieldOf.investment(1),
    fieldOf.company(2),
    fieldOf.givenPrice(3),
    fieldOf.round("Seed v1.2"),
    fieldOf.tolerance,
  ]);
  expect(problemsOf(new Error("no connection"))).toEqual({});
});

describe("a kept draft", () => {
  it("is told from what another version left", () => {
    expect(isMigrationDraft(JSON.parse(JSON.stringify(draft)))).toBe(true);
    for (const other of [
      null,
      [],
      {},
      { ...draft, byCompany: { 1: "100" } },
      { ...draft, given: { 1: {} } },
    ]) {
      expect(isMigrationDraft(other)).toBe(false);
    }
  });
});
