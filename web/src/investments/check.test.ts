import { describe, expect, it } from "vitest";
import { RequestFailed } from "../api/problem";
import { checkFields } from "./check";
import { type InvestmentFields, NO_FIELDS } from "./draft";
import { completePurchase } from "./purchase-terms";
import { investmentBody, lotBody, problemsOf } from "./wire-bodies";

const complete: InvestmentFields = {
  ...NO_FIELDS,
  company: "7",
  round: "Series A",
  date: "2024-03-01",
  amount: "1,500,000",
  price: "2.89498",
  lotType: "follow_on",
};

function check(change: Partial<InvestmentFields>, withLot = true) {
  const fields = { ...complete, ...change };
  return checkFields(fields, completePurchase(fields), withLot);
}

describe("before anything is sent", () => {
  it("lets a complete form pass", () => {
    expect(check({})).toEqual({});
    expect(check({ amount: "", shares: "1000" })).toEqual({});
    expect(check({ price: "", shares: "1000" })).toEqual({});
  });

  it("asks for the share price where a lot belongs to it, and not on the legacy form", () => {
    expect(check({ price: "" })).toEqual({ price: "Enter the share price, or amount and shares." });
    expect(check({ price: "", lotType: "" }, false)).toEqual({});
  });

  it("names every field that is missing", () => {
    const nothing = { company: "", round: " ", date: "", amount: "", price: "", lotType: "" };
    expect(Object.keys(check(nothing))).toEqual([
      "company",
      "round",
      "date",
      "amount",
      "price",
      "lotType",
    ]);
  });

  it("stops a contradiction, which the server would refuse after the investment is recorded", () => {
    expect(check({ shares: "600000" }).price).toContain("1,736,988.00");
  });

  it("takes an ownership of at most 100 %", () => {
    expect(check({ ownershipPercent: "100" })).toEqual({});
    expect(check({ ownershipPercent: "100.1" })).toEqual({
      ownershipPercent: "Must be at most 100.",
    });
  });
});

describe("what is sent", () => {
  it("is exact, and leaves the derived term of a lot to the server", () => {
    const fields = { ...complete, amount: "", shares: "518,138.294565", ownershipPercent: "12.5" };
    expect(investmentBody(fields, completePurchase(fields))).toEqual({
      companyId: 7,
      round: "Series A",
      investmentDate: "2024-03-01",
      amountCents: "150000000",
      ownership: "0.125",
    });
    expect(lotBody(fields, 3)).toEqual({
      investmentId: 3,
      lotType: "follow_on",
      purchaseDate: "2024-03-01",
      sharePriceCents: "289.498",
      sharesAcquired: "518138.294565",
    });
  });
});

it("puts the server's findings at their fields", () => {
  const details = [
    { path: "sharePriceCents", value: "x", message: "must be a price in cents" },
    { path: "investmentDate", value: "", message: "must be a date" },
    { path: "somethingNew", value: "", message: "is unknown here" },
  ];
  expect(problemsOf(new RequestFailed(422, { details }, null))).toEqual({
    price: "Must be a price in cents.",
    date: "Must be a date.",
  });
});
