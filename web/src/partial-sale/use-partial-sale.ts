import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery } from "../api/queries";
import { useSessionDraft } from "../shell/session-draft";
import {
  type FieldProblems,
  isPartialSaleDraft,
  NO_QUESTION,
  type PartialSaleDraft,
  problemsOf,
  termsOf,
} from "./draft";
import { valuePartialSale } from "./queries";
import type { PartialSaleTerms } from "./wire";

interface Of {
  readonly fundId: number;
  readonly companyId: number;
  readonly asOf: string | undefined;
  /** Ids of the company's exit cases. */
  readonly cases: readonly string[];
}

/** The question about a partial sale and its answer; what was typed is kept in the tab. */
export function usePartialSale({ fundId, companyId, asOf, cases }: Of) {
  const queryClient = useQueryClient();
  const name = `partial-sale:${fundId}:${companyId}`;
  const { draft, setDraft, discard } = useSessionDraft(name, () => NO_QUESTION, isPartialSaleDraft);
  const [unreadable, setUnreadable] = useState<FieldProblems>({});
  const asking = useMutation({
    networkMode: "always",
    mutationFn: async (terms: PartialSaleTerms) => {
      const date = asOf === undefined ? {} : { asOf };
      return { terms, valuation: await valuePartialSale(fundId, { companyId, ...date, ...terms }) };
    },
    onError: async (error) => {
      if (error instanceof RequestFailed && error.isFeatureDisabled) {
        await queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
      }
    },
  });
  const atFields = problemsOf(asking.error, draft);

  function change(next: Partial<PartialSaleDraft>): void {
    // An answer belongs to its question.
    asking.reset();
    setUnreadable({});
    setDraft({ ...draft, ...next });
  }

  function ask(): void {
    const { terms, problems } = termsOf(draft, cases);
    setUnreadable(problems);
    if (Object.keys(problems).length > 0) asking.reset();
    else asking.mutate(terms);
  }

  function clear(): void {
    asking.reset();
    setUnreadable({});
    discard();
  }

  return {
    draft,
    problems: { ...atFields, ...unreadable },
    change,
    ask,
    clear,
    isBusy: asking.isPending,
    answer: asking.data,
    /** Why there is no answer, where no field says it. */
    failure: Object.keys(atFields).length > 0 ? null : asking.error,
  };
}
