import { useState } from "react";
import {
  type Draft,
  forgetDraft,
  type InvestmentFields,
  keepDraft,
  NO_FIELDS,
  readDraft,
} from "./draft";

/** The draft of a fund's form, which outlives the page in this tab's storage. */
export function useDraft(fundId: number, company: number | undefined) {
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = readDraft(fundId);
    const fields = kept?.fields ?? NO_FIELDS;
    // The company of the link that was followed, unless the draft's own is recorded already.
    const isOpen = company !== undefined && (kept?.recordedInvestment ?? null) === null;
    return {
      fields: isOpen ? { ...fields, company: String(company) } : fields,
      recordedInvestment: kept?.recordedInvestment ?? null,
    };
  });
  function change(next: Draft): void {
    keepDraft(fundId, next);
    setDraft(next);
  }
  return {
    draft,
    changeFields: (fields: InvestmentFields) => change({ ...draft, fields }),
    markRecorded: (recordedInvestment: number) => change({ ...draft, recordedInvestment }),
    clear: () => {
      forgetDraft(fundId);
      setDraft({ fields: NO_FIELDS, recordedInvestment: null });
    },
  };
}
