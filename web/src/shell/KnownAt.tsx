import { CloseButton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { chosenInstant, minuteOf, withMoment } from "../time/moment-search";
import control from "./control.module.css";

const EARLIEST = "1900-01-01T00:00";

/** The time machine's other hand: only what was recorded until then counts. In UTC, as the server has it. */
export function KnownAt() {
  const knownAt = useSearch({ strict: false, select: (search) => search.knownAt });
  const navigate = useNavigate();

  function choose(minute: string): void {
    const chosen = chosenInstant(minute);
    if (chosen === null) return;
    void navigate({
      to: ".",
      search: (search) => withMoment(search, { knownAt: chosen }),
      replace: true,
      resetScroll: false,
    });
  }

  return (
    <span className={control.control}>
      <label className={control.control}>
        Known at (UTC)
        <input
          type="datetime-local"
          min={EARLIEST}
          key={knownAt}
          defaultValue={minuteOf(knownAt)}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      </label>
      {knownAt !== undefined && (
        <CloseButton size="sm" aria-label="Known now" onClick={() => choose("")} />
      )}
    </span>
  );
}
