/** What the server adds to the address where somebody came back from the provider and is not signed in. */
const PARAMETER = "signInFailed";

const WORDS: Readonly<Record<string, string>> = {
  unavailable: "The provider cannot be reached at the moment. Try again, or use your password.",
  expired: "That took too long, or was begun in another window. Try again.",
  refused:
    "The provider did not say who you are. Try again; if it stays so, ask your administrator.",
  no_role: "You are known, but none of your groups may use Lotwise. Ask your administrator.",
  too_many: "There were too many attempts from your network. Wait a minute, then try again.",
};
const OTHERWISE = "Signing in did not work. Try again in a moment.";

/** The address without the failure, and the failure in words; null where there is none. */
export function takeSignInFailure(address: URL): { failure: string | null; rest: string } {
  const code = address.searchParams.get(PARAMETER);
  address.searchParams.delete(PARAMETER);
  const failure = code === null ? null : (WORDS[code] ?? OTHERWISE);
  return { failure, rest: `${address.pathname}${address.search}${address.hash}` };
}

let noted: string | null = null;

/** Notes the failure before the router reads the address, and takes it out of there. */
export function noteSignInFailure(): void {
  const { failure, rest } = takeSignInFailure(new URL(window.location.href));
  if (failure === null) return;
  noted = failure;
  window.history.replaceState(null, "", rest);
}

/** Why the last sign-in at the provider failed, in words. */
export function notedSignInFailure(): string | null {
  return noted;
}
