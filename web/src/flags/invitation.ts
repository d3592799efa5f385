import { api, body } from "../api/client";
import { RequestFailed } from "../api/problem";
import { isFlagKey, keepWish } from "./overrides";

/** An invitation link: which flag, and the signed text that the server checks. */
export interface Invitation {
  readonly flag: string;
  readonly invite: string;
}

/** What came of an invitation. */
export type Outcome =
  | { readonly kind: "accepted"; readonly first: boolean }
  | { readonly kind: "refused"; readonly message: string }
  /** Nobody is signed in; it is tried again once somebody is. */
  | { readonly kind: "waiting" };

const INVITE = "ff_invite";
/** Where an invitation waits for its reader to sign in, as long as the tab is open. */
const WAITING = "lotwise-invitation";

/** The invitation of an address, and the address without it. Its wish goes with it: it is stored once it is accepted. */
export function takeInvitation(address: URL): { invitation: Invitation | null; rest: string } {
  const invite = address.searchParams.get(INVITE);
  const wished = [...address.searchParams].find(
    ([name, wish]) => name !== INVITE && name.startsWith("ff_") && wish === "1",
  );
  const rest = () => `${address.pathname}${address.search}${address.hash}`;
  if (invite === null) return { invitation: null, rest: rest() };
  address.searchParams.delete(INVITE);
  if (wished === undefined) return { invitation: { flag: "", invite }, rest: rest() };
  const [name] = wished;
  address.searchParams.delete(name);
  return { invitation: { flag: name.slice("ff_".length), invite }, rest: rest() };
}

/** Redeems the invitation of the address, or one that waited for a sign-in. Null when there is none. */
export async function followInvitation(): Promise<Outcome | null> {
  const { invitation, rest } = takeInvitation(new URL(window.location.href));
  if (invitation !== null) window.history.replaceState(null, "", rest);
  const asked = invitation ?? waiting();
  if (asked === null) return null;
  forget();
  if (!isFlagKey(asked.flag)) {
    return {
      kind: "refused",
      message: "The link names no feature of this page. Copy the whole link.",
    };
  }
  try {
    const params = { path: { key: asked.flag } };
    const redemption = await body(
      api.POST("/api/flags/{key}/invitations/redeem", { params, body: { invite: asked.invite } }),
    );
    keepWish(asked.flag, "1");
    return { kind: "accepted", first: redemption.first };
  } catch (cause) {
    if (cause instanceof RequestFailed && (cause.isSignedOut || cause.isPassing)) {
      wait(asked);
      if (cause.isSignedOut) return { kind: "waiting" };
    }
    return { kind: "refused", message: cause instanceof Error ? cause.message : String(cause) };
  }
}

function wait(invitation: Invitation): void {
  try {
    window.sessionStorage.setItem(WAITING, JSON.stringify(invitation));
  } catch {
    // A browser that keeps nothing: the person opens the link again.
  }
}

function waiting(): Invitation | null {
  try {
    const { flag, invite } = JSON.parse(window.sessionStorage.getItem(WAITING) ?? "{}");
    return typeof flag === "string" && typeof invite === "string" ? { flag, invite } : null;
  } catch {
    return null;
  }
}

function forget(): void {
  try {
    window.sessionStorage.removeItem(WAITING);
  } catch {
    // Nothing is kept there, then.
  }
}
