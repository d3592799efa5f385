import type { components } from "../api/schema";
import type { Lens } from "../lenses/lens";
import { lensOf } from "../lenses/report";
import { compareDecimals } from "../money/decimal";

type WireRanking = components["schemas"]["ReserveRanking"];

/** A company of the ranking, as the server ranked it. */
export interface Ranked {
  readonly id: string;
  readonly name: string;
  readonly sector: string;
  /** 1 for the best; alike multiples share a rank. Null without a multiple. */
  readonly rank: number | null;
  /** Exit MOIC on planned reserves: the next dollar. */
  readonly planned: Lens;
  /** What was deployed so far, for comparison. */
  readonly deployed: Lens;
  /** Ids of the planned reserves. */
  readonly reserves: readonly string[];
}

/** The reserves of a fund, and of its companies in the order of their ranks. */
export interface Ranking {
  readonly asOf: string;
  readonly companies: readonly Ranked[];
  readonly fund: { readonly planned: Lens; readonly deployed: Lens; readonly exit: Lens };
}

const NO_SECTOR = "No sector";

/** Reads the server's ranking; the order is its own. */
export function ranking({ asOf, companies, fund }: WireRanking): Ranking {
  return {
    asOf,
    companies: companies.map(({ companyId, name, sector, rank, planned, deployed, reserves }) => ({
      id: String(companyId),
      name,
      sector: sector ?? NO_SECTOR,
      rank: rank ?? null,
      planned: lensOf(planned),
      deployed: lensOf(deployed),
      reserves: reserves.map(({ id }) => id),
    })),
    fund: {
      planned: lensOf(fund.planned),
      deployed: lensOf(fund.deployed),
      exit: lensOf(fund.exit),
    },
  };
}

const COLUMNS = ["rank", "cost", "proceeds", "deployed", "name"] as const;
/** What the table can be ordered by. */
export type RankingColumn = (typeof COLUMNS)[number];

export function isRankingColumn(text: unknown): text is RankingColumn {
  return COLUMNS.some((column) => column === text);
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

function descending(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return compareDecimals(b, a);
}
