import { type InfiniteData, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { snapshotsKey } from "./queries";
import { isRunning, type Snapshot, type SnapshotList, STATUSES } from "./wire";

/** A browser opens six connections to a server at most, and the page needs some of them itself. */
const STREAMS_MAX = 3;

/** Follows the progress of what runs by server-sent events, and puts it into the list. */
export function useProgress(fundId: number, snapshots: readonly Snapshot[]): void {
  const queryClient = useQueryClient();
  // The oldest first: they are calculated first.
  const running = snapshots.filter(isRunning).map(({ id }) => id);
  const followed = running.slice(-STREAMS_MAX).join(" ");
  useEffect(() => {
    if (followed === "") return;
    const streams = followed.split(" ").map((id) => follow(id, fundId, queryClient));
    return () => {
      for (const stream of streams) stream.close();
    };
  }, [followed, fundId, queryClient]);
}

function follow(id: string, fundId: number, queryClient: QueryClient): EventSource {
  const stream = new EventSource(`/api/snapshots/${id}/events`);
  function ended(): void {
    // The browser would open a stream that has ended again and again.
    stream.close();
    void queryClient.invalidateQueries({ queryKey: snapshotsKey(fundId) });
  }
  for (const status of STATUSES) {
    stream.addEventListener(status, (event) => {
      // A lost connection is an "error" too, of another kind: the browser connects again by itself.
      if (!(event instanceof MessageEvent)) return;
      const snapshot = JSON.parse(event.data) as Snapshot;
      queryClient.setQueriesData<InfiniteData<SnapshotList>>(
        { queryKey: snapshotsKey(fundId) },
        (list) => list && withSnapshot(list, snapshot),
      );
      if (!isRunning(snapshot)) ended();
    });
  }
  stream.addEventListener("deleted", ended);
  return stream;
}

/** The list with the newer state of one of its snapshots. */
export function withSnapshot(
  list: InfiniteData<SnapshotList>,
  snapshot: Snapshot,
): InfiniteData<SnapshotList> {
  const pages = list.pages.map((page) => ({
    ...page,
    snapshots: page.snapshots.map((one) => (one.id === snapshot.id ? snapshot : one)),
  }));
  return { ...list, pages };
}
