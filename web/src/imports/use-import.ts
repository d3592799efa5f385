import { useIsMutating, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RequestFailed } from "../api/problem";
import { clientStateQuery } from "../api/queries";
import { newSubmissionKey } from "../api/submission-key";
import { answersOf } from "./answers";
import type { ChosenFile } from "./chosen-file";
import { type HeldImport, NOTHING_HELD } from "./held-import";
import { applyImport, checkQuery, checksKey } from "./queries";

function applyKey(fundId: number) {
  return ["apply-import", fundId] as const;
}

/** Whether a file is being written into the fund. */
export function useIsApplying(fundId: number): boolean {
  return useIsMutating({ mutationKey: applyKey(fundId) }) > 0;
}

interface Import {
  readonly fundId: number;
  readonly file: ChosenFile;
  readonly held: HeldImport;
  /** Whether imports are open at the moment. */
  readonly isOn: boolean;
  readonly change: (next: Partial<HeldImport>) => void;
}

/** Checks a file at once, and applies it when somebody says so. */
export function useImport({ fundId, file, held, isOn, change }: Import) {
  const queryClient = useQueryClient();
  const answers = answersOf(held.answered);
  const check = useQuery({ ...checkQuery(fundId, file, answers), enabled: isOn });
  const apply = useMutation({
    mutationKey: applyKey(fundId),
    networkMode: "always",
    mutationFn: () => applyImport(fundId, file, answers, held.submissionKey),
    onSuccess: async (applied) => {
      change({ ...NOTHING_HELD, applied });
      await queryClient.invalidateQueries({ queryKey: ["funds", fundId] });
    },
    onError: async (error) => {
      if (!(error instanceof RequestFailed)) return;
      if (error.isFeatureDisabled) {
        await queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
      }
      // It was refused for what it says, so the next try is another request, of the fund as it is by then.
      if (error.status === 422) {
        change({ submissionKey: newSubmissionKey() });
        await queryClient.invalidateQueries({ queryKey: checksKey(fundId) });
      }
    },
  });
  return { check, apply };
}
