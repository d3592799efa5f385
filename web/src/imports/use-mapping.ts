import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RequestFailed } from "../api/problem";
import { checksKey, mappingQuery, readMapping, saveMapping } from "./queries";
import type { ImportMapping } from "./wire";

/** What the fund says about its files, and the ways to change it. */
export function useMapping(fundId: number) {
  const queryClient = useQueryClient();
  const mapping = useQuery(mappingQuery(fundId));
  const { queryKey } = mappingQuery(fundId);

  /** Saves what somebody changed in the mapping that they saw. What is saved already may not be lost by it. */
  const save = useMutation({
    networkMode: "always",
    mutationFn: (next: ImportMapping) => saveMapping(fundId, next),
    onSuccess: async (saved) => {
      queryClient.setQueryData(queryKey, saved);
      await queryClient.invalidateQueries({ queryKey: checksKey(fundId) });
    },
    onError: async (error) => {
      if (isConflict(error)) await queryClient.invalidateQueries({ queryKey });
    },
  });

  /** Changes single answers, whoever else has changed others meanwhile. */
  const amend = useMutation({
    networkMode: "always",
    mutationFn: async (change: (mapping: ImportMapping) => ImportMapping) => {
      const once = async () => saveMapping(fundId, change(await readMapping(fundId)));
      return once().catch((error: unknown) => {
        if (isConflict(error)) return once();
        throw error;
      });
    },
    onSuccess: (saved) => queryClient.setQueryData(queryKey, saved),
  });

  return { mapping, save, amend };
}

/** Whether somebody else has saved another mapping meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof RequestFailed && error.status === 409;
}
