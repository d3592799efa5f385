import { describe, expect, it } from "vitest";
import type { Lens } from "./lens";
import { flagTexts, legacyReasonText, reasonText } from "./reasons";

function nothing(reason: string, lots: string[] = []): Lens {
  return {
    numeratorCents: null,
    denominatorCents: null,
    value: null,
    display: null,
    reason,
    flags: [],
    lots,
  };
}

describe("why there is no number", () => {
  it("names the bucket that has no lots", () => {
    expect(reasonText("current_moic_initial", nothing("no_lots"))).toBe("No initial lots.");
    expect(reasonText("exit_moic_follow_ons", nothing("no_lots"))).toBe(
      "No follow-ons deployed and none planned.",
    );
  });

  it("counts the lots that miss a price", () => {
    expect(reasonText("current_moic", nothing("unpriced", ["1/a"]))).toContain("(1 lot)");
    expect(reasonText("exit_moic", nothing("exit_unpriced", ["1/a", "1/b"]))).toContain("(2 lots)");
  });

  it("has a sentence for every reason of the specification", () => {
    for (const reason of ["no_lots", "zero_cost", "unpriced", "no_exit_case", "exit_unpriced"]) {
      expect(reasonText("exit_moic", nothing(reason))).toMatch(/^[A-Z].*\.$/);
    }
    expect(reasonText("exit_moic_planned_reserves", nothing("no_planned_reserves"))).toBe(
      "No reserves planned.",
    );
  });

  it("stays readable for a reason it does not know", () => {
    expect(reasonText("exit_moic", nothing("market_closed"))).toBe("Market closed.");
    expect(legacyReasonText("unvalued")).toBe("A valuation or an ownership is not recorded.");
  });

  it("says nothing about a lens that has a number", () => {
    const one: Lens = {
      numeratorCents: "1",
      denominatorCents: "1",
      value: "1.000000000000",
      display: "1.00x",
      reason: null,
      flags: ["at_cost"],
      lots: [],
    };
    expect(reasonText("current_moic", one)).toBeNull();
    expect(flagTexts(one)).toEqual(["Unconverted SAFEs or notes are held at cost."]);
  });
});
