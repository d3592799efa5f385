import { expect, it } from "vitest";
import { flagSearch, flagsSearch } from "./flags-search";

it("drops what it does not know", () => {
  expect(flagsSearch({ q: "moic", state: "killed", findings: true, kind: "ops", x: 1 })).toEqual({
    q: "moic",
    state: "killed",
    findings: true,
    kind: "ops",
  });
  expect(flagsSearch({ q: "", state: "asleep", findings: "yes", create: false })).toEqual({});
  expect(flagsSearch({ q: 12 })).toEqual({ q: "12" });
  expect(flagSearch({ tab: "history" })).toEqual({ tab: "history" });
  expect(flagSearch({ tab: "definition" })).toEqual({});
});
