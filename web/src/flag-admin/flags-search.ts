import { type FlagState, isFlagState } from "./flag-state";

/** Everything that can be chosen on the page of all flags; it stands in the URL. */
export interface FlagsSearch {
  /** Part of a key, a description or an owner. */
  q?: string;
  state?: FlagState;
  kind?: string;
  /** Only flags that lint has something to say about. */
  findings?: true;
  /** The form of a new flag is open. */
  create?: true;
}

/** Reads the search part of the URL. What it does not know is dropped. */
export function flagsSearch(search: Record<string, unknown>): FlagsSearch {
  const { q, state, kind, findings, create } = search;
  return {
    ...((typeof q === "string" && q !== "") || typeof q === "number" ? { q: String(q) } : {}),
    ...(isFlagState(state) ? { state } : {}),
    ...(typeof kind === "string" && kind !== "" ? { kind } : {}),
    ...(findings === true ? { findings } : {}),
    ...(create === true ? { create } : {}),
  };
}

export const FLAG_TABS = ["definition", "try", "history", "invitations"] as const;
export type FlagTab = (typeof FLAG_TABS)[number];

/** What is shown of one flag; its definition unless said otherwise. */
export interface FlagSearch {
  tab?: Exclude<FlagTab, "definition">;
}

export function flagSearch({ tab }: Record<string, unknown>): FlagSearch {
  return tab === "try" || tab === "history" || tab === "invitations" ? { tab } : {};
}
