import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery } from "../api/queries";
import { newSubmissionKey } from "../api/submission-key";
import type { FundImport } from "../imports/wire";
import { useSessionDraft } from "../shell/session-draft";
import { emptyDraft, isMigrationDraft, type MigrationDraft, problemsOf, termsOf } from "./draft";
import { migrate, rehearsalQuery } from "./queries";
import type { MigrationReport } from "./wire";

/** How long nobody types before what was typed is worked out. */
const TYPING_PAUSE_MS = 400;

/** A migration on its way: what was typed, what would come of it, and what has. */
export function useMigration(fundId: number, isOn: boolean) {
  const queryClient = useQueryClient();
  const name = `lot-migration:${fundId}`;
  const { draft, setDraft, discard } = useSessionDraft(name, emptyDraft, isMigrationDraft);
  const [applied, setApplied] = useState<FundImport | null>(null);
  const [settled] = useDebouncedValue(draft, TYPING_PAUSE_MS);
  const unreadable = termsOf(draft).problems;
  const { terms } = termsOf(settled);
  const rehearsal = useQuery({ ...rehearsalQuery(fundId, terms), enabled: isOn });
  // Terms that were refused leave the fields in view, so that they can be corrected.
  const [lastReport, setLastReport] = useState<MigrationReport | null>(null);
  useEffect(() => {
    if (rehearsal.data) setLastReport(rehearsal.data);
  }, [rehearsal.data]);
  const atFields = settled === draft ? problemsOf(rehearsal.error) : {};
  const problems = { ...atFields, ...unreadable };
  // Only what the page shows may be written: neither an older report nor a half-typed number.
  const isCurrent =
    settled === draft &&
    rehearsal.isSuccess &&
    !rehearsal.isPlaceholderData &&
    !rehearsal.isFetching &&
    Object.keys(problems).length === 0;

  const apply = useMutation({
    networkMode: "always",
    mutationFn: () => migrate(fundId, terms, draft.submissionKey),
    onSuccess: async (written) => {
      setApplied(written);
      discard();
      await queryClient.invalidateQueries({ queryKey: ["funds", fundId] });
    },
    onError: async (error) => {
      if (!(error instanceof RequestFailed)) return;
      if (error.isFeatureDisabled) {
        await queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
      }
      // It was refused for what it says, so the next try is another request, of the fund as it is by then.
      if (error.status === 422 || error.status === 409) {
        setDraft({ ...draft, submissionKey: newSubmissionKey() });
        await rehearsal.refetch();
      }
    },
  });

  function change(next: Partial<MigrationDraft>): void {
    apply.reset();
    setDraft({ ...draft, ...next, submissionKey: newSubmissionKey() });
  }

  function clear(): void {
    apply.reset();
    discard();
  }

  return {
    draft,
    problems,
    change,
    clear,
    rehearsal,
    report: rehearsal.data ?? lastReport,
    /** Why nothing could be worked out, where no field says it. */
    failure: Object.keys(problemsOf(rehearsal.error)).length > 0 ? null : rehearsal.error,
    isCurrent,
    apply,
    applied,
  };
}
