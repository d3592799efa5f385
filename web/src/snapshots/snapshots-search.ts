import { isSnapshotStatus, type SnapshotStatus } from "./wire";

/** What can be chosen on the snapshots page. */
export interface SnapshotsSearch {
  status?: SnapshotStatus;
  /** The two snapshots that are compared, the first with the second. */
  a?: string;
  b?: string;
  /** The snapshot whose lenses are open. */
  shown?: string;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isId(text: unknown): text is string {
  return typeof text === "string" && ID.test(text);
}

export function snapshotsSearch(search: Record<string, unknown>): SnapshotsSearch {
  const { status, a, b, shown } = search;
  return {
    ...(isSnapshotStatus(status) ? { status } : {}),
    ...(isId(a) ? { a } : {}),
    ...(isId(b) && b !== a ? { b } : {}),
    ...(isId(shown) ? { shown } : {}),
  };
}

/** The search after a snapshot is put into the comparison or taken out of it. A third one finds no place. */
export function withCompared(search: SnapshotsSearch, id: string): SnapshotsSearch {
  const { a, b, ...rest } = search;
  const chosen = [a, b].filter((one) => one !== undefined);
  const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
  const [first, second] = next.slice(0, 2);
  return {
    ...rest,
    ...(first === undefined ? {} : { a: first }),
    ...(second === undefined ? {} : { b: second }),
  };
}
