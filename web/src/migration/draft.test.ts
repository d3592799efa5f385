import { describe, expect, it } from "vitest";
import { emptyDraft, fieldOf, isMigrationDraft, isTyped, termsOf } from "./draft";

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

describe("a kept draft", () => {
  it("is told from what another version left", () => {
    expect(isMigrationDraft(JSON.parse(JSON.stringify(draft)))).toBe(true);
    for (const other of [null, [], {}, { ...draft, byCompany: { 1: "100" } }]) {
      expect(isMigrationDraft(other)).toBe(false);
    }
  });
});
