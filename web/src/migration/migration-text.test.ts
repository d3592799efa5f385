import { describe, expect, it } from "vitest";
import { migrationCsv } from "./migration-csv";
import { planText, roundsOf, toReview } from "./migration-text";
import type { MigrationReport } from "./wire";

const REPORT: MigrationReport = {
  investmentCount: 2,
  migratedCount: 1,
  reviewCount: 1,
  investments: [
    {
      investmentId: 1,
      companyId: 1,
      company: "=HYPERLINK(1)",
      round: "Seed",
      investmentDate: "2021-04-03",
      amountCents: "100000000",
      lot: {
        lotType: "initial",
        shareClass: "Seed",
        sharesAcquired: "500000",
        sharePriceCents: "200",
        costBasisCents: "100000000",
        pricingConfidence: "verified",
      },
      obstacle: null,
      review: [{ cause: "above_threshold", message: "100000000 cents is above 5000 cents" }],
    },
    {
      investmentId: 2,
      companyId: 1,
      company: "Acme",
      round: "A",
      investmentDate: "2022-04-03",
      amountCents: "50",
      lot: null,
      obstacle: { reason: "no_share_count", message: "give the fully diluted shares" },
      review: [],
    },
  ],
  marks: [],
  fund: { legacy: "2.000000000000", lotLevel: null, difference: null, parts: [], reason: "why" },
  companies: [],
};

describe("what a migration does", () => {
  it("is a sentence", () => {
    expect(planText(REPORT)).toBe(
      "1 of 2 investments becomes a lot; the legacy records stay as they are.",
    );
    expect(planText({ ...REPORT, migratedCount: 0 })).toBe(
      "None of 2 investments can become a lot yet: each says what it needs.",
    );
  });
});

describe("what is to be looked at", () => {
  it("stands above the threshold first, then in order", () => {
    const [large, plain] = REPORT.investments;
    if (!large || !plain) throw new Error("the report has two investments");
    const other = { ...plain, review: [{ cause: "ownership", message: "differs" }] };
    expect(toReview([plain, other, large])).toEqual([other, large].toReversed());
  });

  it("is of rounds that are each named once", () => {
    expect(roundsOf([...REPORT.investments, ...REPORT.investments])).toEqual(["Seed", "A"]);
  });
});

describe("the report as CSV", () => {
  it("runs nothing in a spreadsheet and leaves nothing out", () => {
    const lines = migrationCsv(REPORT, "USD").split("\r\n");
    expect(lines[1]).toBe(
      '\'=HYPERLINK(1),Seed,2021-04-03,1000000.00,Initial,Seed,500000,2.00,1000000.00,verified,,"$1,000,000.00 is above $50.00"',
    );
    expect(lines[2]).toBe("Acme,A,2022-04-03,0.50,,,,,,,give the fully diluted shares,");
    expect(lines[5]).toBe("Fund,2.000000000000,n/a,n/a,why");
  });
});
