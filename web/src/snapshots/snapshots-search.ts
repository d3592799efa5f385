export type SnapshotsSearch = Record<never, never>;

export function snapshotsSearch(_search: Record<string, unknown>): SnapshotsSearch {
  return {};
}
