import { expect, test } from "vitest";
import { rolloutSearch, rolloutsSearch } from "./rollouts-search";

test("what the address may say is kept, and nothing else", () => {
  expect(rolloutsSearch({ flag: "checkout", more: 1 })).toEqual({ flag: "checkout" });
  expect(rolloutsSearch({ flag: 7 })).toEqual({});
  const kept = { show: "history", span: "6h", decision: 141 };
  expect(rolloutSearch({ ...kept, other: true })).toEqual(kept);
  expect(rolloutSearch({ show: "all", span: "toString", decision: "141" })).toEqual({});
});
