const TABS = ["tokens", "people", "announcement"] as const;
type SettingsTab = (typeof TABS)[number];

/** What can be chosen on the settings page; it stands in the URL. */
export interface SettingsSearch {
  /** You, unless said otherwise. */
  tab?: SettingsTab;
  /** Tokens that were revoked or have expired, too. */
  show?: "all";
  /** The person that a new token is for. */
  person?: number;
}

/** Reads the search part of the URL. What it does not know is dropped, so an old link still opens. */
export function settingsSearch(search: Record<string, unknown>): SettingsSearch {
  const { tab, show, person } = search;
  return {
    ...(isTab(tab) ? { tab } : {}),
    ...(show === "all" ? { show } : {}),
    ...(Number.isSafeInteger(person) && Number(person) > 0 ? { person: Number(person) } : {}),
  };
}

function isTab(value: unknown): value is SettingsTab {
  return TABS.some((tab) => tab === value);
}
