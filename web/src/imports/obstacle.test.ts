import { expect, it } from "vitest";
import { obstacleText } from "./obstacle";
import type { ImportReport } from "./wire";

const REPORT: ImportReport = {
  format: "csv",
  contentHash: "",
  applicable: true,
  sheets: [],
  problemCount: 0,
  problems: [],
  warningCount: 1,
  warnings: [{ value: "", message: "a column is not read" }],
  questions: [{ id: "stage", text: "Which stage?", choices: [], optional: true }],
  counts: {
    companiesCreated: 1,
    companiesCorrected: 0,
    companiesUnchanged: 2,
    lotsCreated: 0,
    lotsCorrected: 0,
    lotsUnchanged: 0,
    eventsCreated: 0,
    eventsUnchanged: 0,
    exitCasesReplaced: 0,
  },
  changes: [],
  absentLotCount: 0,
  absentLots: [],
};

it("neither warnings nor questions that may stay open stand in the way", () => {
  expect(obstacleText(REPORT)).toBeNull();
});

it("names what does", () => {
  const questions = [{ id: "dateOrder", text: "Which first?", choices: [], optional: false }];
  const asked = { ...REPORT, applicable: false, questions };
  expect(obstacleText(asked)).toBe("1 open question stands in the way.");
  expect(obstacleText({ ...asked, problemCount: 1340 })).toBe(
    "1,340 problems and 1 open question stand in the way.",
  );
});

it("does not apply a file that changes nothing", () => {
  const counts = { ...REPORT.counts, companiesCreated: 0 };
  expect(obstacleText({ ...REPORT, counts })).toMatch(/^There is nothing to apply/);
});
