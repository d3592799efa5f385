import { expect, it } from "vitest";
import { differences } from "./differences";

it("finds what changed, path by path, in any order of keys", () => {
  const before = { a: 1, b: { c: [1, 2], d: "x" }, gone: null };
  const after = { b: { d: "x", c: [1, 3] }, a: 1, come: true };
  expect(differences(before, after)).toEqual([
    { path: "b.c[1]", before: 2, after: 3 },
    { path: "gone", before: null, after: undefined },
    { path: "come", before: undefined, after: true },
  ]);
});

it("takes a list of another length, and another kind of value, as a whole", () => {
  expect(differences({ a: [1] }, { a: [1, 2] })).toEqual([
    { path: "a", before: [1], after: [1, 2] },
  ]);
  expect(differences({ a: 1 }, { a: { b: 1 } })).toEqual([
    { path: "a", before: 1, after: { b: 1 } },
  ]);
  expect(differences({ a: [1] }, { a: [1] })).toEqual([]);
});
