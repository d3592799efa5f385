import classes from "./snapshots.module.css";
import type { Snapshot } from "./wire";

/** Where a snapshot stands, and how far it has come while it is calculated. */
export function StatusBadge({ snapshot }: { snapshot: Snapshot }) {
  const { status, progress, cached, error } = snapshot;
  return (
    <span className={classes.state}>
      <span className={classes.badge} data-status={status}>
        {status}
      </span>
      {status === "calculating" && (
        <>
          <progress
            className={classes.progress}
            aria-label={`Progress of ${snapshot.name}`}
            {...(progress.total > 0 ? { value: progress.current, max: progress.total } : {})}
          />
          <span className={classes.note}>
            {progress.current} of {progress.total} companies
          </span>
        </>
      )}
      {cached && <span className={classes.note}>from the cache</span>}
      {error && <span className={classes.note}>{error}</span>}
    </span>
  );
}
