import type { Token } from "./wire";

export type TokenState = "good" | "expired" | "revoked";

/** Whether a token is accepted now. */
export function tokenState(token: Token, now: Date): TokenState {
  if (token.revokedAt) return "revoked";
  return token.expiresAt && Date.parse(token.expiresAt) <= now.getTime() ? "expired" : "good";
}

/** The roles of a person: those of their tokens that are good. */
export function rolesOf(personId: number, tokens: readonly Token[], now: Date): string[] {
  const roles = tokens
    .filter((token) => token.personId === personId && tokenState(token, now) === "good")
    .map(({ role }) => role);
  return [...new Set(roles)];
}

/** An instant of the server to the minute, `2026-11-28 14:48`, in UTC as it came. */
export function formatInstant(instant: string): string {
  return instant.slice(0, 16).replace("T", " ");
}
