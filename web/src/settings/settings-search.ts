export type SettingsSearch = Record<never, never>;

export function settingsSearch(_search: Record<string, unknown>): SettingsSearch {
  return {};
}
