import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, body } from "../api/client";
import type { RequestFailed } from "../api/problem";
import type { Rollout } from "./wire";

/** What is typed for a new rollout, kept in the browser's session until it is started. */
export interface RolloutDraft {
  /** Whether the policy is one's own, and not the server's default. */
  readonly isOwn: boolean;
  readonly policy: string;
  /** The rollout whose latency is the baseline; empty for none. */
  readonly baselineOf: string;
  readonly supersede: boolean;
}

export const EMPTY_DRAFT: RolloutDraft = {
  isOwn: false,
  policy: "",
  baselineOf: "",
  supersede: false,
};

/** What is missing before anything can be sent. */
export function missingOf({ isOwn, policy }: RolloutDraft): string | null {
  return isOwn && policy.trim() === "" ? "Write a policy, or take the server's default." : null;
}

/** Starts a rollout. The same draft sent twice, such as after a lost answer, starts one. */
export function useStart() {
  const queryClient = useQueryClient();
  const sent = useRef<{ draft: RolloutDraft; key: string } | null>(null);
  return useMutation<Rollout, RequestFailed, RolloutDraft>({
    mutationFn: async (draft) => {
      if (sent.current?.draft !== draft) sent.current = { draft, key: idempotencyKey() };
      return start(draft, sent.current.key);
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["rollouts", "list"] }),
  });
}

async function start(draft: RolloutDraft, key: string): Promise<Rollout> {
  const { isOwn, policy, baselineOf, supersede } = draft;
  const latencyBaseline = baselineOf === "" ? null : await baselineOfRollout(baselineOf);
  const request = {
    supersede,
    ...(isOwn ? { policy } : {}),
    ...(latencyBaseline === null ? {} : { latencyBaseline }),
  };
  const params = { header: { "Idempotency-Key": key } };
  const rollout = await body(api.POST("/api/rollouts", { params, body: request }));
  return rollout as unknown as Rollout;
}

async function baselineOfRollout(rolloutId: string): Promise<object | null> {
  const params = { path: { rolloutId } };
  const path = "/api/rollouts/{rolloutId}/baseline";
  const { latencyBaseline } = await body(api.GET(path, { params }));
  return latencyBaseline ?? null;
}

/** Not `crypto.randomUUID`, which browsers offer on secure origins only. */
function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
