import type { ImportProblem } from "./wire";

/** Problems of one sheet, or of one file of a package. */
export interface ProblemGroup {
  /** Null for a file without sheets. */
  readonly sheet: string | null;
  readonly problems: readonly ImportProblem[];
}

/** Problems by sheet, the sheets in the order in which they first appear, the rows of each from the top. */
export function bySheet(problems: readonly ImportProblem[]): ProblemGroup[] {
  const groups = new Map<string | null, ImportProblem[]>();
  for (const problem of problems) {
    const sheet = problem.sheet ?? null;
    groups.set(sheet, [...(groups.get(sheet) ?? []), problem]);
  }
  return [...groups].map(([sheet, found]) => ({
    sheet,
    // A stable sort: what stands in one row stays in the order of the server.
    problems: found.sort((one, other) => (one.row ?? 0) - (other.row ?? 0)),
  }));
}

/** What the server says of a cell that is empty. */
const ABSENT = "(absent)";

/** What stands in the cell; null for nothing. */
export function cellText({ value }: ImportProblem): string | null {
  return value === "" || value === ABSENT ? null : value;
}

/** "First 200 of 1,340", or nothing when all are shown. */
export function shownOf(shown: number, total: number): string | null {
  return shown < total
    ? `The first ${shown.toLocaleString("en-US")} of ${total.toLocaleString("en-US")} are listed.`
    : null;
}
