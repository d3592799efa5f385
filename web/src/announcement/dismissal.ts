const KEY = "lotwise-announcement-put-away";

/** Whether this version of the announcement was put away in this browser; every change makes another version. */
export function isPutAway(version: number): boolean {
  try {
    return Number(window.localStorage.getItem(KEY) ?? "0") >= version;
  } catch {
    return false;
  }
}

/** Remembers that this version was put away. A browser that keeps nothing shows it again with the next page. */
export function rememberPutAway(version: number): void {
  try {
    window.localStorage.setItem(KEY, String(version));
  } catch {
    // It is away until the page is left, then.
  }
}
