import control from "../shell/control.module.css";
import classes from "./FlagsPage.module.css";
import { FLAG_STATES, isFlagState } from "./flag-state";
import type { FlagsSearch } from "./flags-search";
import type { Flag, FlagFinding } from "./wire";

interface Props {
  readonly search: FlagsSearch;
  readonly flags: readonly Flag[];
  readonly findings: readonly FlagFinding[];
  /** How many flags the search leaves. */
  readonly shown: number;
  readonly onChoose: (change: (search: FlagsSearch) => FlagsSearch) => void;
}

/** Which flags are shown. */
export function FlagFilters({ search, flags, findings, shown, onChoose }: Props) {
  const kinds = [...new Set(flags.flatMap(({ kind }) => kind ?? []))].toSorted();
  const remarkable = new Set(findings.map(({ flag }) => flag)).size;
  return (
    <search className={classes.filters}>
      <label className={control.control}>
        Search
        <input
          type="search"
          value={search.q ?? ""}
          onChange={(event) => {
            const q = event.currentTarget.value;
            onChoose(({ q: _, ...rest }) => (q === "" ? rest : { ...rest, q }));
          }}
        />
      </label>
      <label className={control.control}>
        State
        <select
          value={search.state ?? ""}
          onChange={(event) => {
            const state = event.currentTarget.value;
            onChoose(({ state: _, ...rest }) => (isFlagState(state) ? { ...rest, state } : rest));
          }}
        >
          <option value="">any</option>
          {FLAG_STATES.filter((state) => state !== "archived").map((state) => (
            <option key={state}>{state}</option>
          ))}
        </select>
      </label>
      <label className={control.control}>
        Kind
        <select
          value={search.kind ?? ""}
          onChange={(event) => {
            const kind = event.currentTarget.value;
            onChoose(({ kind: _, ...rest }) => (kind === "" ? rest : { ...rest, kind }));
          }}
        >
          <option value="">any</option>
          {kinds.map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
      </label>
      <label className={control.control}>
        <input
          type="checkbox"
          checked={search.findings === true}
          onChange={(event) => {
            const only = event.currentTarget.checked;
            onChoose(({ findings: _, ...rest }) => (only ? { ...rest, findings: true } : rest));
          }}
        />
        With findings ({remarkable})
      </label>
      <span className={classes.count}>
        {shown < flags.length ? `${shown} of ${flags.length} flags` : `${flags.length} flags`}
      </span>
    </search>
  );
}
