import { describe, expect, it } from "vitest";
import { RequestFailed } from "../api/problem";
import { exactPercent, questionText } from "./answer-text";
import {
  caseField,
  isPartialSaleDraft,
  isTyped,
  NO_QUESTION,
  type PartialSaleDraft,
  problemsOf,
  termsOf,
} from "./draft";

const TYPED: PartialSaleDraft = {
  ...NO_QUESTION,
  irrPercent: "25",
  ownershipPercent: "12.5",
  years: " 5 ",
};

function refusal(...details: [path: string, message: string][]): RequestFailed {
  const problems = details.map(([path, message]) => ({ path, message, value: "" }));
  return new RequestFailed(422, { details: problems }, null);
}

describe("the question", () => {
  it("is sent as exact parts of one, without what was not typed", () => {
    expect(termsOf(TYPED, ["base"])).toEqual({
      terms: { irr: "0.25", ownership: "0.125", yearsToExit: "5" },
      problems: {},
    });
    expect(termsOf({ ...TYPED, irrPercent: "−5.25" }, []).terms.irr).toBe("-0.0525");
  });

  it("names days of the cases that the company has", () => {
    const datesByCase = { base: "2031-06-30", upside: "", gone: "2030-01-01" };
    expect(termsOf({ ...TYPED, datesByCase }, ["base", "upside"]).terms.exitDates).toEqual({
      base: "2031-06-30",
    });
  });

  it("says at its field what cannot be read", () => {
    const { problems } = termsOf({ ...TYPED, irrPercent: "a lot", ownershipPercent: " " }, []);
    expect(problems).toEqual({
      irr: "Must be a number such as 1,250,000.50.",
      ownership: "Enter a percentage.",
    });
  });
});

describe("what the server found", () => {
  it("stands at the fields, the time of the exit where it was typed", () => {
    const found = refusal(
      ["irr", "must be a yearly rate"],
      ["exitDate", "the exit of the case base is more than 200 years away"],
      ["exitDates.base", "must be a date"],
    );
    expect(problemsOf(found, TYPED)).toEqual({
      irr: "Must be a yearly rate.",
      years: "The exit of the case base is more than 200 years away.",
      [caseField("base")]: "Must be a date.",
    });
    expect(Object.keys(problemsOf(found, NO_QUESTION))).toContain("exitDate");
  });

  it("stands at the case whose own day it is about", () => {
    const draft = { ...TYPED, datesByCase: { base: "2020-01-01", upside: "2030-01-01" } };
    const past = "the exit of the case base on 2020-01-01 lies before the date of the portfolio";
    expect(Object.keys(problemsOf(refusal(["exitDate", past]), draft))).toEqual([
      caseField("base"),
    ]);
  });

  it("is the form's own where no field stands for it", () => {
    expect(problemsOf(refusal(["companyId", "there is no such company"]), TYPED)).toEqual({});
    expect(problemsOf(new Error("no connection"), TYPED)).toEqual({});
  });
});

it("tells a kept question from what another version left", () => {
  expect(isPartialSaleDraft(JSON.parse(JSON.stringify(TYPED)))).toBe(true);
  for (const other of [null, "text", {}, { ...TYPED, datesByCase: { base: 1 } }]) {
    expect(isPartialSaleDraft(other)).toBe(false);
  }
  expect([NO_QUESTION, TYPED].map(isTyped)).toEqual([false, true]);
});

it("says what the answer is of, with every decimal", () => {
  expect(exactPercent("0.00125")).toBe("0.125%");
  expect(questionText({ irr: "-0.0525", ownership: "1" })).toBe(
    "at -5.25% a year and an ownership of 100%",
  );
});
