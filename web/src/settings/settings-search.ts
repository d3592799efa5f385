/** What can be chosen on the settings page; it stands in the URL. */
export interface SettingsSearch {
  /** You, unless said otherwise. */
  tab?: "tokens" | "people";
  /** Tokens that were revoked or have expired, too. */
  show?: "all";
  /** The person that a new token is for. */
  person?: number;
}

/** Reads the search part of the URL. What it does not know is dropped, so an old link still opens. */
export function settingsSearch(search: Record<string, unknown>): SettingsSearch {
  const { tab, show, person } = search;
  return {
    ...(tab === "tokens" || tab === "people" ? { tab } : {}),
    ...(show === "all" ? { show } : {}),
    ...(Number.isSafeInteger(person) && Number(person) > 0 ? { person: Number(person) } : {}),
  };
}
