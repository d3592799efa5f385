import { requiredOf } from "./answers";
import { changeCount, counted, listed } from "./count-words";
import type { ImportReport } from "./wire";

/** Why a checked file cannot be applied; null when it can. */
export function obstacleText(report: ImportReport): string | null {
  const open = requiredOf(report).length;
  const obstacles = [
    ...(report.problemCount > 0 ? [counted(report.problemCount, "problem")] : []),
    ...(open > 0 ? [counted(open, "open question")] : []),
  ];
  if (obstacles.length > 0) {
    const stands = report.problemCount + open === 1 ? "stands" : "stand";
    return `${listed(obstacles)} ${stands} in the way.`;
  }
  if (!report.applicable) return "The server says that it cannot be applied.";
  return changeCount(report.counts) === 0
    ? "There is nothing to apply: the fund has all of it already."
    : null;
}
