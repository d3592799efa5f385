import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { RequestFailed } from "../api/problem";
import type { ArmFaults, Rollout } from "./wire";

/** What a person says to a rollout. */
export type Command =
  | { readonly kind: "hold" | "resume" | "abort"; readonly reason: string }
  | { readonly kind: "step-back"; readonly reason: string; readonly to: string }
  | { readonly kind: "rollback"; readonly reason: string; readonly trigger?: string }
  /** Refused where the rollout has left the phase whose evidence was looked at. */
  | ({ readonly kind: "approve"; readonly phase?: string } & Signature)
  | ({ readonly kind: "check"; readonly name: string; readonly passed: boolean } & Signature);

interface Signature {
  /** What it rests on. */
  readonly evidence: string;
  /** RFC 3339; until when it counts, without it always. */
  readonly expiresAt?: string;
}

async function send(rolloutId: string, command: Command): Promise<Rollout> {
  const params = { path: { rolloutId } };
  const rollout = await body(request());
  return rollout as unknown as Rollout;

  function request() {
    switch (command.kind) {
      case "hold":
      case "resume":
      case "abort": {
        const { kind, reason } = command;
        return api.POST(`/api/rollouts/{rolloutId}/${kind}`, { params, body: { reason } });
      }
      case "step-back": {
        const { kind: _, ...said } = command;
        return api.POST("/api/rollouts/{rolloutId}/step-back", { params, body: said });
      }
      case "rollback": {
        const { kind: _, ...said } = command;
        return api.POST("/api/rollouts/{rolloutId}/rollback", { params, body: said });
      }
      case "approve": {
        const { kind: _, ...said } = command;
        return api.POST("/api/rollouts/{rolloutId}/approve", { params, body: said });
      }
      case "check": {
        const { kind: _, ...said } = command;
        return api.POST("/api/rollouts/{rolloutId}/checks", { params, body: said });
      }
    }
  }
}

/** Says something to a rollout; the answer is how it stands afterwards. */
export function useCommand(rolloutId: string) {
  const queryClient = useQueryClient();
  return useMutation<Rollout, RequestFailed, Command>({
    mutationFn: (command) => send(rolloutId, command),
    onSuccess: (rollout) => {
      queryClient.setQueryData(["rollouts", rolloutId], rollout);
      void queryClient.invalidateQueries({ queryKey: ["rollouts", "list"] });
    },
    // The rollout may have moved on meanwhile, which is why it was refused.
    onError: () =>
      queryClient.invalidateQueries({ queryKey: ["rollouts", rolloutId], exact: true }),
  });
}

const NO_FAULTS: ArmFaults = { errorRate: 0, delayMs: 0, delaySigma: 0 };

/** Lets faults into the treatment, or takes all of them away. */
export function useFaults() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (treatment: ArmFaults | null) =>
      body(
        treatment === null
          ? api.DELETE("/api/faults")
          : api.PUT("/api/faults", { body: { treatment, control: NO_FAULTS } }),
      ),
    onSuccess: (state) => queryClient.setQueryData(["faults"], state),
  });
}
