import { afterEach, expect, it, vi } from "vitest";
import { isPutAway, rememberPutAway } from "./dismissal";

afterEach(() => {
  vi.restoreAllMocks();
  window.localStorage.clear();
});

it("remembers what was put away until there is a newer one", () => {
  expect(isPutAway(3)).toBe(false);
  rememberPutAway(3);
  expect([2, 3, 4].map(isPutAway)).toEqual([true, true, false]);
});

it("shows it again where the browser keeps nothing", () => {
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  expect(isPutAway(1)).toBe(false);
});
