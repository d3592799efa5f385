import { expect, test } from "vitest";
import { EMPTY_DRAFT, missingOf } from "./start";

test("the default policy needs no text, one's own does", () => {
  expect(missingOf(EMPTY_DRAFT)).toBeNull();
  expect(missingOf({ ...EMPTY_DRAFT, isOwn: true, policy: " \n" })).toContain("Write a policy");
  expect(missingOf({ ...EMPTY_DRAFT, isOwn: true, policy: "name = 1" })).toBeNull();
});
