import { describe, expect, it } from "vitest";
import { type FundTableRow, fundTableSearch, orderRows } from "./fund-table";

function row(name: string, investedCents: string, value: string | null): FundTableRow {
  const figure = { value, display: value, reason: null, flags: [] };
  const legacyMoic = figure;
  return {
    name,
    investedCents,
    realisedCents: "0",
    totalValueOverCost: figure,
    xirr: figure,
    legacyMoic,
    differenceParts: [],
    explanation: "",
  };
}

describe("the fund table", () => {
  it("is ordered by the exact values, what has none last", () => {
    const rows = [row("B", "9", null), row("C", "10", "-0.5"), row("A", "2", "1.5")];
    const names = (column: Parameters<typeof orderRows>[1]) =>
      orderRows(rows, column)
        .map(({ name }) => name)
        .join("");
    expect(names("name")).toBe("ABC");
    expect(names("invested")).toBe("CBA");
    expect(names("xirr")).toBe("ACB");
  });

  it("drops what an address cannot mean", () => {
    expect(
      fundTableSearch({ sort: "xirr", asOf: "soon", knownAt: "2026-01-31T12:00:00Z" }),
    ).toEqual({ sort: "xirr", knownAt: "2026-01-31T12:00:00Z" });
  });
});
