/** Where the pages of the alerts are, in the repository. */
export const RUNBOOKS_FOLDER = "docs/runbooks";

/** Pages that say what to do, by their file names without the ending. */
export const RUNBOOKS = [
  "database-deadlocks",
  "database-down",
  "database-pool-exhausted",
  "feature-turned-off-by-users",
  "flag-killed",
  "lot-level-errors",
  "lot-level-slow",
  "replica-down",
  "requests-shed",
  "rolled-back",
  "rollback-stuck",
  "rollout-calls",
  "snapshot-queue-deep",
  "snapshots-given-up",
  "snapshots-slow",
  "snapshots-wait-too-long",
] as const;
export type Runbook = (typeof RUNBOOKS)[number];

/** The path of a runbook in the repository. */
export function runbookPath(runbook: Runbook): string {
  return `${RUNBOOKS_FOLDER}/${runbook}.md`;
}
