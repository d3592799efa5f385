import { describe, expect, it } from "vitest";
import { IGNORED } from "./fields";
import {
  BY_ITSELF,
  choiceOf,
  doubled,
  mappingWith,
  roleInForce,
  withAnswers,
  withColumn,
  withoutAnswer,
  withRole,
} from "./mapping";
import type { ImportMapping, ImportSheet } from "./wire";

const SHEET: ImportSheet = {
  name: null,
  role: "lots",
  rows: 3,
  columns: [
    { header: "Firm", field: null, samples: ["Acme"] },
    { header: "Cost", field: "cost", samples: ["100"] },
  ],
};

const SAID: ImportMapping = {
  sheets: { Notes: IGNORED },
  columns: { "": { Cost: IGNORED, "Not in this file": "round" } },
  answers: { dateOrder: "day_first" },
  version: 4,
};

describe("what a fund says about a sheet", () => {
  it("begins with what it has said before", () => {
    expect(choiceOf(SAID, SHEET)).toEqual({
      role: BY_ITSELF,
      columns: { Firm: BY_ITSELF, Cost: IGNORED },
    });
  });

  it("is written beside what it has said of others", () => {
    const choice = withColumn(withColumn(choiceOf(SAID, SHEET), "Firm", "company"), "Cost", "");
    expect(mappingWith(SAID, { "": withRole(choice, SHEET, "lots") })).toEqual({
      ...SAID,
      sheets: { Notes: IGNORED, "": "lots" },
      columns: { "": { Firm: "company", "Not in this file": "round" } },
    });
  });

  it("is taken back without a trace", () => {
    const said = { ...SAID, sheets: { "": "lots" }, columns: { "": { Cost: IGNORED } } };
    const choice = withColumn(withRole(choiceOf(said, SHEET), SHEET, BY_ITSELF), "Cost", BY_ITSELF);
    expect(mappingWith(said, { "": choice })).toEqual({ ...said, sheets: {}, columns: {} });
  });
});

it("drops the meanings that a sheet of another role has no place for", () => {
  const lots = { role: BY_ITSELF, columns: { Firm: "company", Cost: "cost", Notes: IGNORED } };
  expect(withRole(lots, SHEET, "events").columns).toEqual({
    Firm: "company",
    Cost: BY_ITSELF,
    Notes: IGNORED,
  });
  expect(withRole(lots, SHEET, "lots").columns).toEqual(lots.columns);
  expect(roleInForce(lots, SHEET)).toBe("lots");
  expect(roleInForce({ ...lots, role: IGNORED }, SHEET)).toBeNull();
});

it("finds two columns with one meaning", () => {
  const columns = { A: "cost", B: "cost", C: IGNORED, D: IGNORED, E: BY_ITSELF, F: BY_ITSELF };
  expect(doubled({ role: BY_ITSELF, columns })).toEqual([["A", "B"]]);
});

it("remembers answers and forgets them", () => {
  const more = withAnswers(SAID, { lotType: "by_date" });
  expect(more.answers).toEqual({ dateOrder: "day_first", lotType: "by_date" });
  expect(withoutAnswer(more, "dateOrder").answers).toEqual({ lotType: "by_date" });
});
