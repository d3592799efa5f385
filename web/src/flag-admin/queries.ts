import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { FLAGS_KEY } from "../flags/refetch";
import type { AuditEntry, Flag, FlagChange, FlagFinding, FlagVersion, Invitation } from "./wire";

const PER_PAGE = 100;

interface Page<Item, Cursor> {
  readonly items: readonly Item[];
  readonly next: Cursor | null | undefined;
}

/** Everything of a list that comes in pages. */
async function allPages<Item, Cursor>(
  read: (cursor: Cursor | undefined) => Promise<Page<Item, Cursor>>,
): Promise<Item[]> {
  const all: Item[] = [];
  let cursor: Cursor | undefined;
  do {
    const page = await read(cursor);
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
}

function pageOf<Cursor>(cursor: Cursor | undefined) {
  return { limit: PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
}

/** Every flag that is not archived. */
export const flagsQuery = queryOptions({
  queryKey: [...FLAGS_KEY, "list"],
  queryFn: ({ signal }) =>
    allPages<Flag, string>(async (cursor) => {
      const query = pageOf(cursor);
      const page = await body(api.GET("/api/flags", { params: { query }, signal }));
      return { items: page.flags, next: page.pagination.nextCursor };
    }),
});

/** What is remarkable about all flags. */
export const findingsQuery = queryOptions({
  queryKey: [...FLAGS_KEY, "findings"],
  queryFn: async ({ signal }): Promise<FlagFinding[]> =>
    (await body(api.GET("/api/flags/lint", { signal }))).findings,
});

/** The changes that wait for a second person. */
export const pendingChangesQuery = queryOptions({
  queryKey: [...FLAGS_KEY, "pending-changes"],
  queryFn: ({ signal }) =>
    allPages<FlagChange, string>(async (cursor) => {
      const query = { ...pageOf(cursor), status: "pending" as const };
      const page = await body(api.GET("/api/flag-changes", { params: { query }, signal }));
      return { items: page.flagChanges, next: page.pagination.nextCursor };
    }),
});

/** One flag; an archived one too. */
export function flagQuery(key: string) {
  return queryOptions({
    queryKey: [...FLAGS_KEY, "flag", key],
    queryFn: ({ signal }): Promise<Flag> =>
      body(api.GET("/api/flags/{key}", { params: { path: { key } }, signal })),
  });
}

/** The versions of a flag's definition, the newest first. */
export function versionsQuery(key: string) {
  const path = { key };
  return queryOptions({
    queryKey: [...FLAGS_KEY, "flag", key, "versions"],
    queryFn: ({ signal }) =>
      allPages<FlagVersion, string>(async (cursor) => {
        const params = { path, query: pageOf(cursor) };
        const page = await body(api.GET("/api/flags/{key}/history", { params, signal }));
        return { items: page.versions, next: page.pagination.nextCursor };
      }),
  });
}

/** What was done to a flag, the newest first; the server has it the other way round. */
export function auditQuery(key: string) {
  const path = { key };
  return queryOptions({
    queryKey: [...FLAGS_KEY, "flag", key, "audit"],
    queryFn: async ({ signal }) => {
      const entries = await allPages<AuditEntry, number>(async (cursor) => {
        const params = { path, query: pageOf(cursor) };
        const page = await body(api.GET("/api/flags/{key}/audit", { params, signal }));
        const next = page.pagination.nextCursor;
        return { items: page.audit, next: next == null ? null : Number(next) };
      });
      return entries.toReversed();
    },
  });
}

/** A flag's invitations, the newest first. */
export function invitationsQuery(key: string) {
  const path = { key };
  return queryOptions({
    queryKey: [...FLAGS_KEY, "flag", key, "invitations"],
    queryFn: async ({ signal }) => {
      const invitations = await allPages<Invitation, string>(async (cursor) => {
        const params = { path, query: pageOf(cursor) };
        const page = await body(api.GET("/api/flags/{key}/invitations", { params, signal }));
        return { items: page.invitations, next: page.pagination.nextCursor };
      });
      return invitations.toReversed();
    },
  });
}

/** After a write: everything about flags is asked for anew, and what the pages show for the one who is signed in. */
export async function refetchFlags(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: FLAGS_KEY }),
    queryClient.invalidateQueries({ queryKey: ["client-state"] }),
  ]);
}
