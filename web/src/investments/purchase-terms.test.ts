import { describe, expect, it } from "vitest";
import {
  centsOf,
  completePurchase,
  priceCentsOf,
  shareOfPercent,
  sharesOf,
  type Terms,
} from "./purchase-terms";

function complete(typed: Partial<Terms>) {
  return completePurchase({ amount: "", price: "", shares: "", ...typed });
}

describe("any two of amount, price and shares give the third", () => {
  it("computes the amount", () => {
    const { derived } = complete({ price: "2.89498", shares: "518,138.294565" });
    expect(derived).toEqual({ term: "amount", text: "1,500,000.00" });
  });

  it("computes the price to 8 decimals of a cent", () => {
    const { derived } = complete({ amount: "1,000,000", shares: "3" });
    expect(derived).toEqual({ term: "price", text: "333,333.3333333333" });
  });

  it("computes the shares to 8 decimals", () => {
    const { derived } = complete({ amount: "1500000.00", price: "2.89498" });
    expect(derived).toEqual({ term: "shares", text: "518,138.29456507" });
  });

  it("rounds half to even, as the server does", () => {
    expect(complete({ price: "0.005", shares: "1" }).derived).toBeNull();
    expect(complete({ price: "0.015", shares: "1" }).derived?.text).toBe("0.02");
    expect(complete({ price: "0.025", shares: "1" }).derived?.text).toBe("0.02");
  });

  it("keeps every digit of what a float cannot hold", () => {
    const { derived } = complete({ price: "1", shares: "9007199254740993" });
    expect(derived?.text).toBe("9,007,199,254,740,993.00");
    expect(complete({ price: "0.1", shares: "3" }).derived?.text).toBe("0.30");
  });

  it("computes nothing from one, from three, or from what is no number", () => {
    expect(complete({ amount: "1" }).derived).toBeNull();
    expect(complete({ amount: "6", price: "2", shares: "3" }).derived).toBeNull();
    expect(complete({ amount: "6", price: "two" }).derived).toBeNull();
  });
});

describe("what was typed", () => {
  it("names what is wrong at its field", () => {
    const { problems } = complete({ amount: "1.005", price: "0", shares: "1,5" });
    expect(problems).toEqual({
      amount: "Can have at most 2 decimals.",
      price: "Must be above 0.",
      shares: "Must be a number such as 1,250,000.50.",
    });
  });

  it("refuses signs, exponents and letters", () => {
    for (const shares of ["-1", "1e6", "0x10", "∞", "1 000"]) {
      expect(complete({ shares }).problems.shares, shares).toBeDefined();
    }
  });
});

describe("all three given", () => {
  it("accepts what rounding of the price explains", () => {
    const { difference } = complete({ amount: "1500000", price: "2.89", shares: "518138.294565" });
    expect(difference).toBeNull();
    expect(complete({ amount: "10.01", price: "3.33", shares: "3" }).difference).toBeNull();
  });

  it("warns of a difference, and tells a contradiction of more than 1 % from it", () => {
    const near = complete({ amount: "1,004,000", price: "2.0000", shares: "500,000" });
    expect(near.difference).toEqual({ product: "1,000,000.00", isContradiction: false });
    const far = complete({ amount: "1,020,000", price: "2.0000", shares: "500,000" });
    expect(far.difference).toEqual({ product: "1,000,000.00", isContradiction: true });
  });

  it("takes exactly 1 % for a difference, as the server does", () => {
    const typed = { amount: "1000", price: "0.9900", shares: "1000" };
    expect(complete(typed).difference).toMatchObject({ isContradiction: false });
  });
});

it("writes what the wire takes", () => {
  expect(centsOf("1,500,000.5")).toBe("150000050");
  expect(priceCentsOf("2.89498")).toBe("289.498");
  expect(priceCentsOf("2.8900")).toBe("289.00");
  expect(priceCentsOf("0.0000000001")).toBe("0.00000001");
  expect(sharesOf("518,138.294565")).toBe("518138.294565");
  expect(shareOfPercent("12.5")).toBe("0.125");
  expect(shareOfPercent("0.01")).toBe("0.0001");
  expect(centsOf("a lot")).toBeNull();
});
