import { expect, it } from "vitest";
import { decisionWords } from "./decision-words";

const server = (enabled: boolean, reason: string) => ({ enabled, reason, killed: false });

it("says why this person sees this calculation, by the server's reason", () => {
  expect(decisionWords("server", true, server(true, "default"))).toBe("on for everyone");
  expect(decisionWords("server", true, server(true, "exposed"))).toContain("has reached you");
  expect(decisionWords("server", false, server(false, "killed"))).toContain("for everyone");
});

it("says so where the page decided by itself", () => {
  expect(decisionWords("wish", false, server(true, "default"))).toContain("you left");
  expect(decisionWords("setting", false, server(true, "default"))).toContain("deployment");
});

it("does not give a reason for the opposite of what is shown", () => {
  expect(decisionWords("server", false, server(true, "default"))).toContain("does not give");
  expect(decisionWords("wish", true, server(false, "not_exposed"))).toBe("you asked for it");
  expect(decisionWords(undefined, true, undefined)).toBe("you asked for it");
});
