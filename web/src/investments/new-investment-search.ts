/** What can be chosen on the form for a new investment. */
export interface NewInvestmentSearch {
  /** The company that the form begins with. */
  company?: number;
  /** The form without price and shares, though lot-level MOIC is on. */
  form?: "legacy";
}

export function newInvestmentSearch(search: Record<string, unknown>): NewInvestmentSearch {
  const { company, form } = search;
  return {
    ...(Number.isSafeInteger(company) ? { company: company as number } : {}),
    ...(form === "legacy" ? { form } : {}),
  };
}
