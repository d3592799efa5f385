import { expect, it } from "vitest";
import { rowsNear } from "./row-window";

const view = { top: 0, height: 340, rowHeight: 34 };

/** The whole height that the rows and gaps take. */
function height(top: number, count: number, kept: number): number {
  const { rows, gapAfter } = rowsNear({ ...view, top }, count, kept);
  return rows.reduce((sum, { gapBefore }) => sum + gapBefore + view.rowHeight, gapAfter);
}

it("has the rows in view and some beyond, in a document of the full height", () => {
  const { rows } = rowsNear({ ...view, top: 3400 }, 1000, 0);
  const indices = rows.map(({ index }) => index);
  for (let index = 100; index < 110; index += 1) expect(indices).toContain(index);
  expect(indices.length).toBeLessThan(40);
  for (const top of [0, 34, 3400, 33_660, 99_999]) expect(height(top, 1000, 0)).toBe(34_000);
});

it("never loses the row that takes the Tab key", () => {
  for (const kept of [0, 500, 999]) {
    const { rows } = rowsNear({ ...view, top: 6800 }, 1000, kept);
    expect(rows.map(({ index }) => index)).toContain(kept);
    expect(height(6800, 1000, kept)).toBe(34_000);
  }
});

it("knows that the total below is no row of its own", () => {
  const { rows } = rowsNear({ ...view, top: 0 }, 1000, 1000);
  expect(rows.at(-1)?.index).toBeLessThan(40);
});
