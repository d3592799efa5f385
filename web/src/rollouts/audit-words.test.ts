import { expect, test } from "vitest";
import { auditText, resultText } from "./audit-words";
import type { AuditDetails, AuditEntry } from "./wire";

function entry(action: string, details: AuditDetails): AuditEntry {
  return { action, details } as AuditEntry;
}

test("a command says who asked for what, and why", () => {
  const event = { command: { stepBack: { to: "canary", reason: "marks are doubled" } } };
  expect(auditText(entry("rollout.command", { event }))).toBe(
    "Asked to step back canary: marks are doubled",
  );
});

test("a decision is part of the entry that led to it", () => {
  const details = { event: { tick: {} }, decision: { explanation: "Every criterion is shown." } };
  expect(auditText(entry("rollout.promote", details))).toBe(
    "A tick of evidence. Every criterion is shown.",
  );
});

test("a check says what it rests on", () => {
  const check = { name: "feedback", phase: "canary", passed: false, evidence: "two complaints" };
  expect(auditText(entry("rollout.check", { event: { check } }))).toBe(
    "Signed feedback of canary, not good: two complaints",
  );
});

test("what is not known is shown by its own name", () => {
  expect(auditText(entry("rollout.step", { event: "somethingNew" }))).toBe("somethingNew");
  expect(auditText(entry("rollout.new", {}))).toBe("rollout.new");
  expect(resultText(entry("rollout.step", { result: "Held(NoData)" }))).toBe("Held: no data");
});
