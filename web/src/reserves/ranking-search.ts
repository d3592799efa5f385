export type RankingSearch = Record<never, never>;

export function rankingSearch(_search: Record<string, unknown>): RankingSearch {
  return {};
}
