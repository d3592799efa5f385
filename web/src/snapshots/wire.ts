import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Snapshot = Schemas["Snapshot"];
export type SnapshotList = Schemas["SnapshotList"];
export type SnapshotComparison = Schemas["SnapshotComparison"];
export type CompanyChange = Schemas["CompanyChange"];
export type LensChange = Schemas["LensChange"];
export type Cause = Schemas["Cause"];

/** A snapshot's statuses, in the order in which it passes them. */
export const STATUSES = ["pending", "calculating", "complete", "error"] as const;
export type SnapshotStatus = (typeof STATUSES)[number];

export function isSnapshotStatus(text: unknown): text is SnapshotStatus {
  return STATUSES.some((status) => status === text);
}

/** Whether a snapshot is still to be calculated or being so. */
export function isRunning({ status }: Pick<Snapshot, "status">): boolean {
  return status === "pending" || status === "calculating";
}
