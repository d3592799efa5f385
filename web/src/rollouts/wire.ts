/** What the server says of rollouts. Where its description only says "object", the shape is written down here. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type NewRollout = Schemas["NewRollout"];
export type RolloutPhase = Schemas["RolloutPhase"];
export type RollbackTimes = Schemas["RollbackTimes"];
export type FaultState = Schemas["FaultState"];
export type ArmFaults = Schemas["ArmFaults"];
export type Pagination = Schemas["Pagination"];
export type FieldProblem = Schemas["FieldProblem"];

/** A rollout, with what stands in its assessment and numbers. */
export type Rollout = Omit<Schemas["Rollout"], "assessment" | "numbers" | "replicas"> & {
  readonly assessment: Assessment;
  readonly numbers: Numbers;
  readonly replicas: readonly Reading[];
};

export interface RolloutPage {
  readonly rollouts: readonly Rollout[];
  readonly pagination: Pagination;
}

export interface Assessment {
  readonly waitingFor: string;
  readonly next: string;
  readonly criteria: readonly Criterion[];
  readonly triggers: readonly Trigger[];
  readonly checks: readonly Check[];
}

export interface Criterion {
  readonly name: string;
  readonly isShown: boolean;
  /** Natural logarithms, as every score; null for a level. */
  readonly logEPass: number | null;
  readonly logPass: number | null;
  readonly text: string;
}

export type TriggerClass = "causal" | "absolute" | "shared_resource" | "integrity" | "manual";
export type Action = "rollback" | "step_back" | "hold" | "notify" | "promote";

export interface Trigger {
  readonly name: string;
  readonly class: TriggerClass;
  readonly action: Action;
  readonly logE: number | null;
  readonly logThreshold: number | null;
  /** Whether what was seen last agrees with it. */
  readonly isRecent: boolean;
  readonly isObservational: boolean;
  /** Seconds a shared resource has been above its level. */
  readonly overSeconds: number | null;
}

export interface Check {
  readonly name: string;
  readonly isGood: boolean;
  readonly statement: Statement | null;
}

export interface Statement {
  readonly passed: boolean;
  readonly by: string;
  readonly at: string;
  readonly evidence: string;
  readonly expiresAt: string | null;
}

export interface Numbers {
  readonly logE: Readonly<Record<string, number>>;
  readonly logThreshold: Readonly<Record<string, number>>;
  readonly logESampleRatio: number | null;
  readonly estimates: {
    readonly treatmentErrorRate: number | null;
    readonly controlErrorRate: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
  readonly treatment: Totals;
  readonly control: Totals;
  readonly soakSeconds: number;
}

export interface Totals {
  readonly requests: number;
  readonly failures: number;
  readonly users: number;
  readonly failedUsers: number;
}

/** What one process says it has of the flag. */
export interface Reading {
  readonly replica: string;
  readonly revision: number;
  readonly contextsEqual: number;
  readonly contexts: number;
  readonly inFlight: number;
  readonly readAt: string;
}

export type Verdict = "promote" | "hold" | "step_back" | "roll_back";

export interface Decision {
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly stage: string;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly explanation: string;
  readonly phase: string | null;
  readonly numbers: Numbers;
}

/** A value and the interval that holds it; an end that is not bounded is null. */
export interface Estimate {
  readonly value: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

export interface ArmFigures extends Totals {
  readonly errorRate: Estimate | null;
  readonly p50: Estimate | null;
  readonly p95: Estimate | null;
  readonly p99: Estimate | null;
}

export interface PhaseComparison {
  readonly phase: string;
  readonly entry: number;
  readonly enteredAt: string;
  readonly optedIn: number;
  readonly optedOut: number;
  readonly treatment: ArmFigures;
  readonly control: ArmFigures;
  readonly errorRatio: Estimate | null;
  readonly observational: boolean;
  readonly alpha: number;
}

export type AuditEntry = Omit<Schemas["AuditEntry"], "details"> & {
  readonly details: AuditDetails;
};

/** What an entry says beside who, when and what; which of it depends on the action. */
export interface AuditDetails {
  readonly event?: string | Readonly<Record<string, unknown>>;
  readonly decision?: { readonly explanation: string } | null;
  readonly result?: string;
  readonly evidence?: string;
}
