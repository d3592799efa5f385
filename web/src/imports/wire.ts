import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type FundImport = Schemas["Import"];
export type ImportList = Schemas["ImportList"];
export type ImportChange = Schemas["ImportChange"];
export type ImportCounts = Schemas["ImportCounts"];
export type ImportDifference = Schemas["ImportDifference"];
export type ImportMapping = Schemas["ImportMapping"];
export type ImportProblem = Schemas["ImportProblem"];
export type ImportQuestion = Schemas["ImportQuestion"];
export type ImportSheet = Schemas["ImportSheet"];

/**
 * What an import would do. Written out here: the API's description has one name for this report and for that of an import of
 * flags, and keeps the latter.
 */
export interface ImportReport {
  /** `csv`, `xlsx`, `ocf` or `portfolio`. */
  readonly format: string;
  /** SHA-256 of the file, in hexadecimal. */
  readonly contentHash: string;
  /** Whether it can be applied: no problem, and no question that must be answered. */
  readonly applicable: boolean;
  readonly sheets: readonly ImportSheet[];
  readonly problemCount: number;
  /** The first of them. */
  readonly problems: readonly ImportProblem[];
  readonly warningCount: number;
  /** The first of them. */
  readonly warnings: readonly ImportProblem[];
  readonly questions: readonly ImportQuestion[];
  readonly counts: ImportCounts;
  /** The first changes, one by one. */
  readonly changes: readonly ImportChange[];
}
