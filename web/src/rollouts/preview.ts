import { useMutation } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { RequestFailed } from "../api/problem";
import type { components } from "../api/schema";
import type { RolloutDraft } from "./start";
import { count, lasting, percent } from "./words";

export type Plan = components["schemas"]["RolloutPlan"];
export type Simulation = components["schemas"]["RolloutSimulation"];
type Scenario = NonNullable<components["schemas"]["RolloutSimulationRequest"]["scenario"]>;
type PhasePlan = Plan["forecast"][number];

/** What the preview is made of: the policy that would be started, and the traffic it would meet. */
export interface PreviewRequest {
  readonly draft: Pick<RolloutDraft, "isOwn" | "policy">;
  readonly requestsPerSecond: number;
}

/** What is simulated: one scenario, or all. */
export interface SimulationRequest extends PreviewRequest {
  readonly scenario: string;
}

export function usePlan() {
  return useMutation<Plan, RequestFailed, PreviewRequest>({
    mutationFn: (request) => body(api.POST("/api/rollouts/plan", { body: wire(request) })),
  });
}

export function useSimulation() {
  return useMutation<Simulation, RequestFailed, SimulationRequest>({
    mutationFn: ({ scenario, ...request }) => {
      const sent = {
        ...wire(request),
        ...(scenario === ALL_SCENARIOS ? {} : { scenario: scenario as Scenario }),
      };
      return body(api.POST("/api/rollouts/simulate", { body: sent }));
    },
  });
}

function wire({ draft, requestsPerSecond }: PreviewRequest) {
  return { requestsPerSecond, ...(draft.isOwn ? { policy: draft.policy } : {}) };
}

/** What the policy promises, as sentences. */
export function promises(plan: Plan): string[] {
  const innocent = `A version with nothing wrong is rolled back by a test with a probability of at most ${percent(plan.falseRollback)}.`;
  const guilty =
    plan.errorLimit == null
      ? []
      : [
          `One with ${percent(plan.errorLimit)} failures or more passes a criterion with at most ${percent(plan.falsePromotion)}.`,
        ];
  return [innocent, ...guilty];
}

/** How long a phase is expected to take. */
export function takes({ soakSeconds }: PhasePlan): string {
  return soakSeconds == null
    ? "never: its criteria cannot be shown"
    : `about ${lasting(soakSeconds)}`;
}

/** Requests until the last criterion of a phase is shown. */
export function needs({ requests }: PhasePlan): string {
  if (requests.length === 0) return "–";
  const counts = requests.map(({ requests }) => requests ?? null);
  const known = counts.filter((one) => one !== null);
  return known.length < counts.length ? "no number is enough" : count(Math.max(...known));
}

/** The soonest and the latest that a fault is found. */
export function findsFaults({ detection }: PhasePlan): string {
  const times = detection.flatMap(({ seconds }) => (seconds == null ? [] : [seconds]));
  if (times.length === 0) return "–";
  const [soonest, latest] = [Math.min(...times), Math.max(...times)];
  return soonest === latest ? lasting(soonest) : `${lasting(soonest)} to ${lasting(latest)}`;
}

const SCENARIOS: Readonly<Record<string, string>> = {
  healthy: "Nothing is wrong",
  "shared-incident": "An incident of everybody, 3 min",
  "errors-plus-1pt": "1 % more failures",
  "errors-plus-1pt-late": "1 % more failures, from 15 min on",
  "errors-20pct": "20 % failures",
  "errors-0.6pct": "0.6 % failures, between the limits",
  "latency-plus-20pct": "20 % slower, which is tolerated",
  "latency-plus-50pct": "50 % slower",
  "clustered-users": "Few users have all failures, in both arms",
  "no-traffic": "No requests from 10 min on",
  "metrics-outage": "No evidence from 10 min on",
};

export const ALL_SCENARIOS = "";
export const SCENARIO_NAMES = Object.keys(SCENARIOS);

/** A scenario in words. */
export function scenarioText(name: string): string {
  return SCENARIOS[name] ?? name;
}

/** Seconds that not every scenario has. */
export function secondsText(seconds: number | null | undefined): string {
  return seconds == null ? "–" : lasting(seconds);
}

/** What a simulation leaves out, and where to get it. */
export function unfinishedText({ unfinished }: Simulation): string | null {
  if (unfinished.length === 0) return null;
  const names = unfinished.map(scenarioText).join("; ");
  return `Not enough time for: ${names}. One scenario alone has more of it; lotwise rollout simulate takes its time.`;
}
