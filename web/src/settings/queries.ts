import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { NewToken, Person, Token } from "./wire";

const PER_PAGE = 100;

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }): Promise<Token[]> =>
    everyPage(async (query) => {
      const page = await body(api.GET("/api/tokens", { params: { query }, signal }));
      return { items: page.tokens, next: page.pagination.nextCursor };
    }),
});

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }): Promise<Person[]> =>
    everyPage(async (query) => {
      const page = await body(api.GET("/api/people", { params: { query }, signal }));
      return { items: page.people, next: page.pagination.nextCursor };
    }),
});

async function everyPage<Item>(
  load: (query: { limit: number; cursor?: string }) => Promise<{
    items: readonly Item[];
    next?: string | null | undefined;
  }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await load({
      limit: PER_PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...items);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** Creates a token; its secret is in this answer only. Sent again with the same key, it creates nothing twice. */
export function createToken(token: NewToken, submissionKey: string): Promise<Token> {
  const params = { header: { "Idempotency-Key": submissionKey } };
  return body(api.POST("/api/tokens", { params, body: token }));
}

export function revokeToken(tokenId: number): Promise<Token> {
  return body(api.DELETE("/api/tokens/{tokenId}", { params: { path: { tokenId } } }));
}

export function enterPerson(name: string, submissionKey: string): Promise<Person> {
  const params = { header: { "Idempotency-Key": submissionKey } };
  return body(api.POST("/api/people", { params, body: { name } }));
}

/** Ends the session; the cookie is gone with the answer. */
export async function signOut(): Promise<void> {
  // An empty answer has no data, which is not a failure here.
  const call = api.DELETE("/api/session");
  await body(
    call.then(({ error, response }) => ({
      ...(response.ok ? { data: null } : {}),
      error,
      response,
    })),
  );
}
