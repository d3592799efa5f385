import { describe, expect, it } from "vitest";
import { changeCount, counted, doneText, listed, planText } from "./count-words";
import type { ImportCounts } from "./wire";

const NONE: ImportCounts = {
  companiesCreated: 0,
  companiesCorrected: 0,
  companiesUnchanged: 0,
  lotsCreated: 0,
  lotsCorrected: 0,
  lotsUnchanged: 0,
  eventsCreated: 0,
  eventsUnchanged: 0,
  exitCasesReplaced: 0,
};

describe("what an import would do", () => {
  it("is said in words", () => {
    const counts = {
      ...NONE,
      companiesCreated: 2,
      lotsCreated: 3,
      lotsCorrected: 1,
      eventsUnchanged: 4,
    };
    expect(planText(counts)).toBe(
      "2 companies and 3 lots will be created; 1 lot will be corrected; 4 events are there already.",
    );
    expect(changeCount(counts)).toBe(6);
  });

  it("names the exit cases by their companies", () => {
    expect(planText({ ...NONE, exitCasesReplaced: 1, companiesUnchanged: 1 })).toBe(
      "The exit cases of 1 company will be replaced; 1 company is there already.",
    );
  });

  it("is nothing when the same file comes again", () => {
    const again = { ...NONE, companiesUnchanged: 2, lotsUnchanged: 3, eventsUnchanged: 1 };
    expect(planText(again)).toBe(
      "Nothing changes: 2 companies, 3 lots and 1 event are there already.",
    );
    expect(changeCount(again)).toBe(0);
    expect(planText(NONE)).toBe("Nothing changes: there is no record in the file.");
  });
});

it("tells afterwards what was done", () => {
  expect(doneText({ ...NONE, companiesCreated: 1, lotsCreated: 1200, lotsCorrected: 1 })).toBe(
    "1 company and 1,200 lots created; 1 lot corrected.",
  );
  expect(doneText(NONE)).toBe("Nothing was changed.");
});

it("counts and lists", () => {
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(0, "row")).toBe("0 rows");
  expect(listed([])).toBe("");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
});
