import { queryOptions } from "@tanstack/react-query";
import { api, body, done } from "../api/client";
import type { NewToken, OwnSession, Person, PersonChange, SignInLink, Token } from "./wire";

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
export function signOut(): Promise<void> {
  return done(api.DELETE("/api/session"));
}

/** Ends all sessions of who is signed in, this one too. */
export function signOutEverywhere(): Promise<void> {
  return done(api.DELETE("/api/sessions"));
}

/** Where somebody is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }): Promise<OwnSession[]> =>
    (await body(api.GET("/api/sessions", { signal }))).sessions,
});

export function endSession(sessionId: string): Promise<void> {
  return done(api.DELETE("/api/sessions/{sessionId}", { params: { path: { sessionId } } }));
}

/** Changes the password of who is signed in; their other sessions end. */
export function changePassword(password: string, oldPassword: string | null): Promise<void> {
  return done(
    api.PUT("/api/session/password", {
      body: { password, ...(oldPassword === null ? {} : { oldPassword }) },
    }),
  );
}

export interface Access {
  readonly name: string;
  readonly signInName: string | null;
  readonly role: string | null;
  readonly fundIds: number[] | null;
}

export function changePerson(person: Person, access: Access): Promise<Person> {
  const params = { path: { personId: person.id } };
  const role = access.role as NonNullable<PersonChange["role"]> | null;
  const sent = { ...access, role, version: person.version };
  return body(api.PUT("/api/people/{personId}", { params, body: sent }));
}

export function setPassword(personId: number, password: string): Promise<void> {
  const params = { path: { personId } };
  return done(api.PUT("/api/people/{personId}/password", { params, body: { password } }));
}

/** A link that signs a person in once: its path is in this answer only. */
export function createSignInLink(personId: number): Promise<SignInLink> {
  const params = { path: { personId } };
  return body(api.POST("/api/people/{personId}/sign-in-links", { params }));
}

export function signPersonOut(personId: number): Promise<void> {
  return done(api.DELETE("/api/people/{personId}/sessions", { params: { path: { personId } } }));
}
