import { expect, test } from "vitest";
import { isLive, rolloutTone, safety, stageTone, stageWords, triggerWords } from "./stage";
import type { Rollout, Trigger } from "./wire";

const TRIGGER: Trigger = {
  name: "worse-than-control",
  class: "causal",
  action: "rollback",
  logE: 0,
  logThreshold: Math.log(400),
  isRecent: false,
  isObservational: false,
  overSeconds: null,
};

function rollout(stage: string, triggers: readonly Trigger[], requests = 100): Rollout {
  const assessment = { waitingFor: "", next: "", criteria: [], checks: [], triggers };
  const numbers = { treatment: { requests } };
  return { stage, assessment, numbers } as unknown as Rollout;
}

test("stages are words", () => {
  expect(stageWords("Held(SampleRatioMismatch)")).toBe("Held: sample ratio mismatch");
  expect(stageWords("RollbackStuck")).toBe("Rollback stuck");
});

test("commands are for stages that are live", () => {
  for (const stage of ["Entering", "WarmUp", "Soaking", "GateWait", "GaBake", "Held(NoData)"])
    expect(isLive(stage), stage).toBe(true);
  for (const stage of [
    "Draft",
    "AwaitingStart",
    "Verifying",
    "RollbackStuck",
    "RolledBack",
    "Aborted",
  ])
    expect(isLive(stage), stage).toBe(false);
});

test("what cannot be proven is the worst, what waits for somebody is to be watched", () => {
  expect(stageTone("RollbackStuck")).toBe("bad");
  expect(stageTone("Held(Manual)")).toBe("watch");
  expect(stageTone("Soaking")).toBe("good");
  expect(stageTone("Aborted")).toBe("over");
});

test("the nearest trigger says whether it is safe", () => {
  const near = { ...TRIGGER, name: "error-rate", logE: Math.log(50) };
  expect(safety(rollout("Soaking", [TRIGGER]))).toEqual({
    tone: "good",
    text: "No trigger is near. The nearest is worse-than-control: 1.00 to 1, rolls back at 400 to 1.",
  });
  expect(safety(rollout("Soaking", [TRIGGER, near])).tone).toBe("watch");
  const recent = safety(rollout("Soaking", [TRIGGER, { ...near, isRecent: true }]));
  expect(rolloutTone(rollout("Soaking", [{ ...near, isRecent: true }]))).toBe("bad");
  expect(rolloutTone(rollout("RolledBack", []))).toBe("over");
  expect(recent).toEqual({
    tone: "bad",
    text: "Near. error-rate: 50 to 1, rolls back at 400 to 1.",
  });
});

test("a shared resource above its level goes before scores", () => {
  const pool = { ...TRIGGER, name: "pool", logE: null, logThreshold: null, overSeconds: 30 };
  expect(safety(rollout("Soaking", [TRIGGER, pool])).text).toContain("pool");
});

test("a trigger that is no test says what it does", () => {
  expect(triggerWords({ ...TRIGGER, logE: null, action: "step_back" })).toBe("steps back");
});

test("what nobody can see is not called safe", () => {
  expect(safety(rollout("Soaking", [TRIGGER], 0)).text).toMatch(/^Not known yet/);
  expect(safety(rollout("Held(MetricsError)", [TRIGGER])).text).toMatch(/^Not known/);
  expect(safety(rollout("Soaking", [])).tone).toBe("watch");
  expect(safety(rollout("Completed", [])).tone).toBe("good");
});
