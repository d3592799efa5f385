import { flagState, metadataText } from "./flag-state";
import type { FlagsSearch } from "./flags-search";
import type { Flag, FlagFinding } from "./wire";

/** The flags that a search leaves, those that are killed first. */
export function filteredFlags(
  flags: readonly Flag[],
  findings: readonly FlagFinding[],
  search: FlagsSearch,
): readonly Flag[] {
  const part = search.q?.trim().toLowerCase() ?? "";
  const remarkable = new Set(findings.map(({ flag }) => flag));
  const matches = (flag: Flag) =>
    [flag.key, metadataText(flag, "description"), flag.owner ?? ""].some((text) =>
      text.toLowerCase().includes(part),
    ) &&
    (search.state === undefined || flagState(flag) === search.state) &&
    (search.kind === undefined || flag.kind === search.kind) &&
    (search.findings === undefined || remarkable.has(flag.key));
  const isKilled = (flag: Flag) => Number(flagState(flag) === "killed");
  return flags.filter(matches).toSorted((a, b) => isKilled(b) - isKilled(a));
}
