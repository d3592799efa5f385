import { type ArmSummary, summarize } from "../evidence/summary";
import type { Tick } from "../evidence/tick";

/** A stretch of time in a chart of both arms. */
export interface Point {
  /** End of the stretch, RFC 3339. */
  readonly at: string;
  readonly atMs: number;
  readonly treatment: ArmSummary;
  readonly control: ArmSummary;
}

/** At most `pointsMax` points, each of as many ticks as the others but the last. */
export function points(ticks: readonly Tick[], pointsMax: number): Point[] {
  const size = Math.max(1, Math.ceil(ticks.length / pointsMax));
  const found: Point[] = [];
  for (let start = 0; start < ticks.length; start += size) {
    const group = ticks.slice(start, start + size);
    const last = group.at(-1);
    if (!last) continue;
    found.push({
      at: last.instant,
      atMs: last.at,
      treatment: summarize(group.map(({ treatment }) => treatment)),
      control: summarize(group.map(({ control }) => control)),
    });
  }
  return found;
}
