import { expect, it } from "vitest";
import { findsFaults, needs, type Plan, promises, takes, unfinishedText } from "./preview";

const PHASE = {
  phase: "canary",
  soakSeconds: 172_800,
  requests: [
    { criterion: "errors", requests: 1240 },
    { criterion: "slow", requests: 900 },
  ],
  detection: [
    { trigger: "errors", fault: "20 % failures", seconds: 45 },
    { trigger: "errors", fault: "2 % failures", seconds: 900 },
    { trigger: "errors", fault: "0.6 % failures", seconds: null },
  ],
};

const PLAN: Plan = {
  policy: "Canary",
  policyHash: "sha256:0",
  flag: "checkout",
  environment: "production",
  falseRollback: 0.05,
  falsePromotion: 0.01,
  errorLimit: 0.005,
  forecast: [PHASE],
};

it("says what a policy promises", () => {
  expect(promises(PLAN).join(" ")).toMatch(/at most 5.00 %.*0.50 % failures.*at most 1.00 %/);
  expect(promises({ ...PLAN, errorLimit: null })).toHaveLength(1);
});

it("says how long a phase takes, what it needs, and how soon it finds a fault", () => {
  expect([takes(PHASE), needs(PHASE), findsFaults(PHASE)]).toEqual([
    "about 2 d",
    "1,240",
    "45 s to 15 min",
  ]);
  const never = {
    ...PHASE,
    soakSeconds: null,
    requests: [{ criterion: "errors", requests: null }],
  };
  expect([takes(never), needs(never)]).toEqual([
    "never: its criteria cannot be shown",
    "no number is enough",
  ]);
  const empty = { ...PHASE, requests: [], detection: [] };
  expect([needs(empty), findsFaults(empty)]).toEqual(["–", "–"]);
});

it("names the scenarios that there was no time for", () => {
  const simulation = { policy: "Canary", environment: "production", scenarios: [], unfinished: [] };
  expect(unfinishedText(simulation)).toBeNull();
  expect(unfinishedText({ ...simulation, unfinished: ["healthy"] })).toContain("Nothing is wrong");
});
