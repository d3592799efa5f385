/** An exit case as it was entered: the part of the portfolio document that the page shows. */
export interface CaseDocument {
  readonly id: string;
  readonly probability?: string;
  readonly exitPricesCents?: Readonly<Record<string, string>> | null;
  readonly lotProceedsCents?: Readonly<Record<string, string>> | null;
  readonly plannedReserves?: readonly PlannedReserve[] | null;
}

export interface PlannedReserve {
  readonly id: string;
  readonly amountCents: string;
  readonly shareClass?: string | null;
  readonly sharePriceCents?: string | null;
  readonly deployProbability?: string | null;
  readonly exitProceedsCents?: string | null;
}

/** What the cases speak of, each once, in the order of its first appearance. */
export interface CaseRows {
  readonly shareClasses: readonly string[];
  readonly lots: readonly string[];
  readonly reserves: readonly string[];
}

export function caseRows(cases: readonly CaseDocument[]): CaseRows {
  const every = (names: (one: CaseDocument) => readonly string[]) => [
    ...new Set(cases.flatMap(names)),
  ];
  return {
    shareClasses: every((one) => Object.keys(one.exitPricesCents ?? {})),
    lots: every((one) => Object.keys(one.lotProceedsCents ?? {})),
    reserves: every((one) => (one.plannedReserves ?? []).map(({ id }) => id)),
  };
}
