import type { Lens, Lenses } from "../lenses/lens";
import { compareDecimals } from "../money/decimal";

/** A company whose planned reserves are ranked. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  readonly sector: string;
  readonly lenses: Lenses;
}

export interface Ranked extends Candidate {
  /** 1 for the best; alike multiples share a rank. Null without a multiple. */
  readonly rank: number | null;
  /** Exit MOIC on planned reserves: the next dollar. */
  readonly planned: Lens;
  /** What was deployed so far, for comparison. */
  readonly deployed: Lens;
}

const COLUMNS = ["rank", "cost", "proceeds", "deployed", "name"] as const;
/** What the table can be ordered by. */
export type RankingColumn = (typeof COLUMNS)[number];

export function isRankingColumn(text: unknown): text is RankingColumn {
  return COLUMNS.some((column) => column === text);
}

/**
 * Companies by exit MOIC on planned reserves, the best first; without a multiple last and without a rank. Compared by the
 * server's value of 12 decimals, never by what is shown.
 */
export function rankCompanies(candidates: readonly Candidate[]): Ranked[] {
  const byMultiple = candidates.toSorted(
    (a, b) => descending(multipleOf(a), multipleOf(b)) || a.name.localeCompare(b.name, "en"),
  );
  let rank = 0;
  let last: string | null = null;
  return byMultiple.map((candidate, index) => {
    const multiple = multipleOf(candidate);
    if (multiple !== null && (last === null || compareDecimals(multiple, last) !== 0)) {
      rank = index + 1;
    }
    last = multiple;
    return {
      ...candidate,
      rank: multiple === null ? null : rank,
      planned: candidate.lenses.exit_moic_planned_reserves,
      deployed: candidate.lenses.current_moic_deployed_reserves,
    };
  });
}

/** Another order of ranked companies; amounts and multiples the greatest first, what has none last. */
export function orderBy(ranked: readonly Ranked[], column: RankingColumn): Ranked[] {
  switch (column) {
    case "rank":
      return [...ranked];
    case "name":
      return ranked.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
    case "cost":
      return ranked.toSorted((a, b) =>
        descending(a.planned.denominatorCents, b.planned.denominatorCents),
      );
    case "proceeds":
      return ranked.toSorted((a, b) =>
        descending(a.planned.numeratorCents, b.planned.numeratorCents),
      );
    case "deployed":
      return ranked.toSorted((a, b) => descending(a.deployed.value, b.deployed.value));
  }
}

function multipleOf({ lenses }: Candidate): string | null {
  return lenses.exit_moic_planned_reserves.value;
}

function descending(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return compareDecimals(b, a);
}
