import { signIn } from "./queries";

/** The address without its token, and the token; a token in the history or in a bookmark would be a key left in the door. */
export function takeToken(address: URL): { token: string | null; rest: string } {
  const token = address.searchParams.get("token");
  address.searchParams.delete("token");
  return { token, rest: `${address.pathname}${address.search}${address.hash}` };
}

/** Signs in with the one-time token of a login link, if the address has one. Returns why it failed. */
export async function followLoginLink(): Promise<Error | null> {
  const { token, rest } = takeToken(new URL(window.location.href));
  if (token === null) return null;
  window.history.replaceState(null, "", rest);
  try {
    await signIn(token);
    return null;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}
