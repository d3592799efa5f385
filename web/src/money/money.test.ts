import { describe, expect, it } from "vitest";
import { compareDecimals, inUnits, movePoint, shortestDecimal, sumDecimals } from "./decimal";
import { formatCents, formatCentsCompact, formatDate, formatPercent } from "./format";

describe("amounts", () => {
  it("writes cents as money, rounding fractions of a cent half-even", () => {
    expect(formatCents("437000850.003138", "USD")).toBe("$4,370,008.50");
    expect(formatCents("250000076", "USD")).toBe("$2,500,000.76");
    expect(formatCents("0.5", "USD")).toBe("$0.00");
    expect(formatCents("1.5", "USD")).toBe("$0.02");
    expect(formatCents("2.5", "USD")).toBe("$0.02");
    expect(formatCents("-150", "EUR")).toBe("-€1.50");
  });

  it("keeps every digit of an amount that a float cannot hold", () => {
    expect(formatCents("9007199254740993", "USD")).toBe("$90,071,992,547,409.93");
    expect(formatCents("12345678901234567890.000001", "USD")).toBe("$123,456,789,012,345,678.90");
  });

  it("shortens amounts where space is short", () => {
    expect(formatCentsCompact("437000850.003138", "USD")).toBe("$4.4M");
    expect(formatCentsCompact("10000000000", "USD")).toBe("$100.0M");
    expect(formatCentsCompact("0", "USD")).toBe("$0.0");
  });

  it("shows a dash for an unknown amount, never 0", () => {
    expect(formatCents(null, "USD")).toBe("–");
    expect(formatCentsCompact(null, "USD")).toBe("–");
  });

  it("refuses what is not a decimal", () => {
    expect(() => formatCents("1e9", "USD")).toThrow('"1e9"');
    expect(() => formatCents("", "USD")).toThrow("not an amount");
  });
});

it("writes a part as a percentage", () => {
  expect(formatPercent("0.770167777734")).toBe("77%");
  expect(formatPercent("0.9994")).toBe("99.9%");
  expect(() => formatPercent("n/a")).toThrow('"n/a"');
});

describe("decimals", () => {
  it("compares by value, not by text", () => {
    expect(compareDecimals("9.5", "10")).toBe(-1);
    expect(compareDecimals("1.50", "1.5")).toBe(0);
    expect(compareDecimals("-1", "-2")).toBe(1);
    expect(compareDecimals("0.000000000001", "0")).toBe(1);
    expect(compareDecimals("9007199254740993", "9007199254740992")).toBe(1);
  });

  it("becomes whole units of a last place, and is never cut", () => {
    expect(inUnits("1.75", 12)).toBe(1_750_000_000_000n);
    expect(inUnits("-0.5", 1)).toBe(-5n);
    expect(() => inUnits("0.001", 2)).toThrow('"0.001"');
  });

  it("is added exactly", () => {
    expect(sumDecimals(["0.1", "0.2"])).toBe("0.3");
    expect(sumDecimals(["9007199254740993", "-0.000001"])).toBe("9007199254740992.999999");
    expect(sumDecimals(["-1", "0.5"])).toBe("-0.5");
    expect(sumDecimals([])).toBe("0");
  });

  it("moves its point without losing a digit", () => {
    expect(movePoint("437000850.003138", -2)).toBe("4370008.50003138");
    expect(movePoint("5", -2)).toBe("0.05");
    expect(movePoint("-150", -2)).toBe("-1.50");
    expect(movePoint("1.5", 3)).toBe("1500");
  });

  it("is written in its shortest form", () => {
    expect(shortestDecimal("1.748002868620")).toBe("1.74800286862");
    expect(shortestDecimal("2.000000000000")).toBe("2");
    expect(shortestDecimal("100")).toBe("100");
  });
});

it("writes a civil date without shifting it between time zones", () => {
  expect(formatDate("2022-12-31")).toBe("Dec 31, 2022");
});
