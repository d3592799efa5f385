import { expect, it } from "vitest";
import { bySheet, cellText, shownOf } from "./problem-groups";
import type { ImportProblem } from "./wire";

function problem(sheet: string | null, row: number | null, value = "abc"): ImportProblem {
  return { sheet, row, column: "Shares", value, message: "is no number" };
}

it("puts problems at their sheet and in the order of its rows", () => {
  const lots = [problem("Lots", 7), problem("Lots", 3), problem("Lots", null)];
  const [first, second, ...others] = bySheet(
    [lots[0], problem("Events", 2), lots[1], lots[2]].flatMap((one) => one ?? []),
  );
  expect(first?.sheet).toBe("Lots");
  expect(first?.problems.map(({ row }) => row)).toEqual([null, 3, 7]);
  expect(second).toEqual({ sheet: "Events", problems: [problem("Events", 2)] });
  expect(others).toEqual([]);
});

it("has one group for a file without sheets", () => {
  expect(bySheet([{ value: "", message: "holds no rows" }, problem(null, 2)])).toHaveLength(1);
  expect(bySheet([])).toEqual([]);
});

it("tells an empty cell from one with something in it", () => {
  expect(cellText(problem(null, 1, "(absent)"))).toBeNull();
  expect(cellText(problem(null, 1, ""))).toBeNull();
  expect(cellText(problem(null, 1))).toBe("abc");
});

it("says when not all are listed", () => {
  expect(shownOf(3, 3)).toBeNull();
  expect(shownOf(200, 1340)).toBe("The first 200 of 1,340 are listed.");
});
