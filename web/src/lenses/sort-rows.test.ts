import { expect, it } from "vitest";
import type { Lens, Lenses } from "./lens";
import { sortAfter, sortRows } from "./sort-rows";

function row(name: string, value: string | null) {
  const lens = { value } as Lens;
  return { id: name, name, note: "", lenses: { exit_moic: lens } as Lenses };
}

const rows = [
  row("b", "9.500000000000"),
  row("none", null),
  row("Ärzte", "10.200000000000"),
  row("a", "9.500000000000"),
];

function order(direction: "ascending" | "descending", by: "exit_moic" | "name" = "exit_moic") {
  return sortRows(rows, { by, direction }).map(({ name }) => name);
}

it("sorts by the number, what has none last both ways, and equals in the order they had", () => {
  expect(order("descending")).toEqual(["Ärzte", "b", "a", "none"]);
  expect(order("ascending")).toEqual(["b", "a", "Ärzte", "none"]);
});

it("sorts names as people do", () => {
  expect(order("ascending", "name")).toEqual(["a", "Ärzte", "b", "none"]);
  expect(order("descending", "name")).toEqual(["none", "b", "Ärzte", "a"]);
});

it("starts with the best multiples, and with A, and turns round when pressed again", () => {
  const byExit = sortAfter("exit_moic", { by: "name", direction: "ascending" });
  expect(byExit).toEqual({ by: "exit_moic", direction: "descending" });
  expect(sortAfter("exit_moic", byExit).direction).toBe("ascending");
  expect(sortAfter("name", byExit)).toEqual({ by: "name", direction: "ascending" });
});
