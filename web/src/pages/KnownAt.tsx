import { CloseButton } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import classes from "./FundPage.module.css";

const route = getRouteApi("/funds/$fundId");

/** While a year is being typed, the field already holds instants such as 0020-06-30T00:00. */
const EARLIEST = "1900-01-01T00:00";
const MINUTES = "2026-01-31T12:00".length;

/** The time machine's other hand: only what was recorded until then counts. In UTC, as the server has it. */
export function KnownAt() {
  const knownAt = route.useSearch({ select: (search) => search.knownAt });
  const navigate = route.useNavigate();

  function choose(minute: string): void {
    if (minute !== "" && minute < EARLIEST) return;
    void navigate({
      search: ({ knownAt: _, ...rest }) =>
        minute ? { ...rest, knownAt: `${minute.slice(0, MINUTES)}:00Z` } : rest,
      replace: true,
      resetScroll: false,
    });
  }

  return (
    <span className={classes.control}>
      <label className={classes.control}>
        Known at (UTC)
        <input
          type="datetime-local"
          min={EARLIEST}
          key={knownAt}
          defaultValue={knownAt?.slice(0, MINUTES)}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      </label>
      {knownAt !== undefined && (
        <CloseButton size="sm" aria-label="Known now" onClick={() => choose("")} />
      )}
    </span>
  );
}
