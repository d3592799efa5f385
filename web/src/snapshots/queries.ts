import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { isRunning, type SnapshotList, type SnapshotStatus } from "./wire";

const SNAPSHOTS_PER_PAGE = 25;
/** How often the list is asked for while something runs; the progress itself comes by events. */
const RUNNING_INTERVAL_MS = 5000;

export function snapshotsKey(fundId: number) {
  return ["funds", fundId, "snapshots"] as const;
}

export function snapshotsQuery(fundId: number, status: SnapshotStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: [...snapshotsKey(fundId), status ?? "all"],
    queryFn: ({ signal, pageParam }): Promise<SnapshotList> => {
      const query = {
        limit: SNAPSHOTS_PER_PAGE,
        ...(status === undefined ? {} : { status }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      const params = { path: { fundId }, query };
      return body(api.GET("/api/funds/{fundId}/portfolio/snapshots", { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ snapshots }) => snapshots.some(isRunning))
        ? RUNNING_INTERVAL_MS
        : false,
  });
}

/** A snapshot with its result. `isOn` is a part of the key: while the feature is off the result is withheld. */
export function snapshotQuery(snapshotId: string, isOn: boolean) {
  const params = { path: { snapshotId } };
  return queryOptions({
    queryKey: ["snapshots", snapshotId, isOn],
    queryFn: ({ signal }) => body(api.GET("/api/snapshots/{snapshotId}", { params, signal })),
  });
}

export function comparisonQuery(a: string, b: string, isOn: boolean) {
  const params = { path: { a, b } };
  return queryOptions({
    queryKey: ["snapshots", a, "compare", b, isOn],
    queryFn: ({ signal }) => body(api.GET("/api/snapshots/{a}/compare/{b}", { params, signal })),
  });
}

/** Orders a snapshot. The key makes a repeated order the same one. */
export function createSnapshot(fundId: number, order: SnapshotOrder, key: string) {
  const params = { path: { fundId }, header: { "Idempotency-Key": key } };
  return body(api.POST("/api/funds/{fundId}/portfolio/snapshots", { params, body: order }));
}

export interface SnapshotOrder {
  readonly name: string;
  readonly asOf?: string;
}

/** Puts a snapshot in error back in the queue. */
export function retrySnapshot(snapshotId: string) {
  const params = { path: { snapshotId } };
  return body(api.POST("/api/snapshots/{snapshotId}/retry", { params }));
}

/** Deletes a snapshot; one that is being calculated is cancelled with it. */
export async function deleteSnapshot(snapshotId: string): Promise<void> {
  const params = { path: { snapshotId } };
  const answered = api.DELETE("/api/snapshots/{snapshotId}", { params });
  // A success has no body, which `body` would take for a failure.
  await body(answered.then((answer) => (answer.response.ok ? { ...answer, data: null } : answer)));
}
