import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery } from "../api/queries";
import { FEATURE } from "../flags/overrides";
import { checkFields } from "./check";
import type { InvestmentFields } from "./draft";
import type { Purchase } from "./purchase-terms";
import { recordInvestment, recordLot } from "./record";
import type { useDraft } from "./use-draft";
import { type FieldProblems, investmentBody, lotBody, problemsOf } from "./wire-bodies";

interface Form {
  readonly fundId: number;
  readonly draft: ReturnType<typeof useDraft>;
  readonly purchase: Purchase;
  readonly withLot: boolean;
}

/** Sends the form: the investment, then its lot. What is recorded once is not sent again. */
export function useSubmission({ fundId, draft: { draft, ...drafts }, purchase, withLot }: Form) {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [problems, setProblems] = useState<FieldProblems>({});
  const [failure, setFailure] = useState<Error | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function finish(companyId: string): Promise<void> {
    drafts.clear();
    await queryClient.invalidateQueries({ queryKey: ["funds", fundId] });
    await navigate({
      to: "/funds/$fundId/companies/$companyId",
      params: { fundId: String(fundId), companyId },
    });
  }

  /** Whether the feature is on at this moment: an investment must not lose its lot to a flag that has just been killed. */
  async function isStillOn(): Promise<boolean> {
    const state = await queryClient.fetchQuery({ ...clientStateQuery, staleTime: 0 });
    return state.flags[FEATURE]?.enabled ?? true;
  }

  async function send(fields: InvestmentFields): Promise<void> {
    if (withLot && draft.recordedInvestment === null && !(await isStillOn())) return;
    const investmentId =
      draft.recordedInvestment ??
      (await recordInvestment(fundId, investmentBody(fields, purchase)));
    if (withLot) {
      if (draft.recordedInvestment === null) drafts.markRecorded(investmentId);
      await recordLot(fundId, lotBody(fields, investmentId));
    }
    await finish(fields.company);
  }

  async function submit(fields: InvestmentFields): Promise<void> {
    setFailure(null);
    const found = checkFields(fields, purchase, withLot);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await send(fields);
    } catch (cause) {
      if (cause instanceof RequestFailed) setProblems(problemsOf(cause));
      setFailure(cause instanceof Error ? cause : new Error(String(cause)));
    } finally {
      setBusy(false);
    }
  }

  return {
    problems,
    failure,
    isBusy,
    submit,
    /** Leaves an investment whose lot could not be recorded as it is. */
    leaveWithoutLot: () => finish(draft.fields.company),
    forget: () => {
      setProblems({});
      setFailure(null);
    },
    /** A field that is being corrected is no longer wrong. */
    forgive: (field: keyof FieldProblems) =>
      setProblems(({ [field]: _, ...others }) => others as FieldProblems),
  };
}
