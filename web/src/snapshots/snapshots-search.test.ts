import { expect, it } from "vitest";
import { snapshotsSearch, withCompared } from "./snapshots-search";

const A = "01a222a0-879f-76b7-a755-0c78cf60cfa9";
const B = "01a222a0-879f-7af5-bf11-4c3ac33024bc";
const C = "01a222a0-879f-7c10-8ff0-c90fa9d184cf";

it("reads a shared comparison from the URL and drops what it does not know", () => {
  const shared = { status: "complete", a: A, b: B, shown: C };
  expect(snapshotsSearch(shared)).toEqual(shared);
  expect(snapshotsSearch({ status: "lost", a: "1", b: 2, shown: "../x" })).toEqual({});
  expect(snapshotsSearch({ a: A, b: A })).toEqual({ a: A });
});

it("compares two, in the order in which they were chosen", () => {
  const one = withCompared({ status: "complete" }, B);
  expect(one).toEqual({ status: "complete", a: B });
  const two = withCompared(one, A);
  expect(two).toEqual({ status: "complete", a: B, b: A });
  expect(withCompared(two, C)).toEqual(two);
  expect(withCompared(two, B)).toEqual({ status: "complete", a: A });
});
