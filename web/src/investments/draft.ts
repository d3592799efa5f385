/** What is typed into the form for a new investment. */
export interface InvestmentFields {
  readonly company: string;
  readonly round: string;
  readonly date: string;
  readonly amount: string;
  readonly price: string;
  readonly shares: string;
  readonly lotType: string;
  readonly shareClass: string;
  readonly ownershipPercent: string;
  readonly postMoneyValuation: string;
}

export type FieldName = keyof InvestmentFields;

/** The form as it stands; a reload, a lost session or a refusal of the server loses none of it. */
export interface Draft {
  readonly fields: InvestmentFields;
  /** The investment that is recorded already while its lot is not. */
  readonly recordedInvestment: number | null;
}

export const NO_FIELDS: InvestmentFields = {
  company: "",
  round: "",
  date: "",
  amount: "",
  price: "",
  shares: "",
  lotType: "",
  shareClass: "",
  ownershipPercent: "",
  postMoneyValuation: "",
};

export const FIELD_NAMES = Object.keys(NO_FIELDS) as readonly FieldName[];

function placeOf(fundId: number): string {
  return `lotwise.new-investment.${fundId}`;
}

/** The draft of this tab for a fund; null without one, and where the browser keeps nothing. */
export function readDraft(fundId: number): Draft | null {
  try {
    const text = window.sessionStorage.getItem(placeOf(fundId));
    return text === null ? null : draftOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export function keepDraft(fundId: number, draft: Draft): void {
  try {
    window.sessionStorage.setItem(placeOf(fundId), JSON.stringify(draft));
  } catch {
    // Without storage the form lives as long as its page.
  }
}

export function forgetDraft(fundId: number): void {
  try {
    window.sessionStorage.removeItem(placeOf(fundId));
  } catch {
    // Nothing is kept, so there is nothing to forget.
  }
}

/** An older version of the page may have left something else: what does not fit is dropped. */
function draftOf(stored: unknown): Draft | null {
  if (typeof stored !== "object" || stored === null) return null;
  const { fields, recordedInvestment } = stored as Record<string, unknown>;
  if (typeof fields !== "object" || fields === null) return null;
  const texts = fields as Record<string, unknown>;
  const known = FIELD_NAMES.map((name) => {
    const text = texts[name];
    return [name, typeof text === "string" ? text : ""] as const;
  });
  return {
    fields: Object.fromEntries(known) as unknown as InvestmentFields,
    recordedInvestment: typeof recordedInvestment === "number" ? recordedInvestment : null,
  };
}
