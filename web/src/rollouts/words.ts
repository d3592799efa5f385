/** Figures of rollouts in words, written as the server writes them in its own sentences. */

/** ln of the largest score that is written out. */
const WRITTEN_OUT_LN_MAX = 13.8;
const UNITS = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;
const UNITS_MAX = 2;
const SECOND_MS = 1000;

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count with its thousands apart. */
export function count(value: number): string {
  return grouped.format(value);
}

/** A share as a percentage, `0.42 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** A score given as a natural logarithm: `1.00`, `3,400`, `10^6.2`. */
export function score(ln: number): string {
  if (ln < -WRITTEN_OUT_LN_MAX) return `10^${(ln / Math.LN10).toFixed(0)}`;
  if (ln < Math.log(10)) return Math.exp(ln).toFixed(2);
  if (ln < WRITTEN_OUT_LN_MAX) return count(Math.exp(ln));
  return `10^${(ln / Math.LN10).toFixed(1)}`;
}

/** How far a score is on its way to the one that decides, from 0 to 1 on a scale of logarithms. */
export function nearness(ln: number | null, lnNeeded: number | null): number | null {
  if (ln === null || lnNeeded === null) return null;
  if (lnNeeded <= 0) return 1;
  return Math.min(1, Math.max(0, ln / lnNeeded));
}

/** A duration in its two largest units: `2 d 4 h`, `9 min`, `45 s`. */
export function lasting(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const whole = Math.floor(rest / size);
    rest %= size;
    if (whole > 0 && parts.length < UNITS_MAX) parts.push(`${whole} ${unit}`);
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** How long it is until an instant at `nowMs`; "now" once it has passed. */
export function until(instant: string, nowMs: number): string {
  const seconds = (Date.parse(instant) - nowMs) / SECOND_MS;
  return seconds < 1 ? "now" : `in ${lasting(seconds)}`;
}

/** A time that something took: `4.8 ms`, `1.25 s`. */
export function taking(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toPrecision(3))} ms`;
  return `${Number(seconds.toPrecision(3))} s`;
}

/** An instant as the server has it, without what is below a second: `2026-11-28 14:50:00 UTC`. */
export function instantText(instant: string): string {
  return instant.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

/** A percentage of users as it stands in a policy, `40 %`, kept on one line. */
export function users(percentage: number): string {
  return `${percentage}\u00a0%`;
}

/** The first sentence of a text, and what comes after it. */
export function firstSentence(text: string): { first: string; rest: string } {
  const end = text.search(/\.\s/);
  if (end === -1) return { first: text, rest: "" };
  return { first: text.slice(0, end + 1), rest: text.slice(end + 1).trim() };
}
