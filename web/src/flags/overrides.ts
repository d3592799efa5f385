import type { components } from "../api/schema";

/** What a person wants of a flag for themselves: leave it (`0`) or enter it (`1`). The server decides what it honours. */
export type Wish = "0" | "1";

/** A flag of the page, by the server's own description of its settings: a key that is not there does not compile. */
export type FlagKey = keyof components["schemas"]["ClientSettings"];

/** The flags the page knows. */
export const FLAGS = ["enableLotLevelMoic", "useFundStore"] as const satisfies readonly FlagKey[];

/** The flag of lot-level MOIC. */
export const FEATURE: FlagKey = "enableLotLevelMoic";

/** Name of the URL parameter, and of the storage key, that hold the wish. */
export function wishName(flag: string): string {
  return `ff_${flag}`;
}

/** The wishes of the address the page was opened with: moving on to another page must not end them. */
const ofAddress = new Map<FlagKey, Wish>();

/**
 * Reads the wishes of an address. Those of an earlier one are forgotten, but who left stays out: a `0` is kept in this
 * browser until a `1` comes, from an address or an invitation.
 */
export function readAddress(address: URL): void {
  ofAddress.clear();
  for (const flag of FLAGS) {
    const wish = asWish(address.searchParams.get(wishName(flag)));
    if (wish === null) continue;
    ofAddress.set(flag, wish);
    if (wish === "0") keepWish(flag, "0");
    else if (asWish(stored(wishName(flag))) === "0") forgetWish(flag);
  }
}

/** The wish for a flag: the address first, then the browser's storage. */
export function wishFor(flag: FlagKey): Wish | null {
  return ofAddress.get(flag) ?? asWish(stored(wishName(flag)));
}

/** Keeps a wish in this browser. False where the browser keeps nothing. */
export function keepWish(flag: FlagKey, wish: Wish): boolean {
  try {
    window.localStorage.setItem(wishName(flag), wish);
    return true;
  } catch {
    return false;
  }
}

/**
 * A person chooses anew: a wish, or none (null). The address that the page was opened with does not count any more.
 * False where the browser keeps nothing, so that the wish lasts until the page is left.
 */
export function chooseWish(flag: FlagKey, wish: Wish | null): boolean {
  ofAddress.delete(flag);
  if (wish === null) {
    forgetWish(flag);
    return true;
  }
  if (keepWish(flag, wish)) return true;
  ofAddress.set(flag, wish);
  return false;
}

function forgetWish(flag: FlagKey): void {
  try {
    window.localStorage.removeItem(wishName(flag));
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/** The value of `X-Feature-Override`, such as `enableLotLevelMoic=1`; null without a wish. */
export function overrideHeader(): string | null {
  const wishes = FLAGS.flatMap((flag) => {
    const wish = wishFor(flag);
    return wish === null ? [] : [`${flag}=${wish}`];
  });
  return wishes.length === 0 ? null : wishes.join(",");
}

export function isFlagKey(key: string): key is FlagKey {
  return FLAGS.some((flag) => flag === key);
}

function asWish(text: string | null): Wish | null {
  return text === "0" || text === "1" ? text : null;
}

/** Reading throws in a browser that blocks storage. */
function stored(name: string): string | null {
  try {
    return window.localStorage.getItem(name);
  } catch {
    return null;
  }
}
