const MS = 1000;
const MINUTE = 60;

/** A length of time with two figures that matter: `45 µs`, `8.3 ms`, `1.2 s`, `4 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds >= 2 * MINUTE) return `${figures(seconds / MINUTE)} min`;
  if (seconds >= 1) return `${figures(seconds)} s`;
  if (seconds >= 1 / MS) return `${figures(seconds * MS)} ms`;
  return `${figures(seconds * MS * MS)} µs`;
}

/** A rate or share for a dense place: `0.3`, `12`, `1,204`. */
export function figures(value: number): string {
  return Math.abs(value) < 10
    ? value.toLocaleString("en-US", { maximumFractionDigits: value === 0 ? 0 : 1 })
    : Math.round(value).toLocaleString("en-US");
}

/** A part of one: `0.4%`, `12%`. */
export function formatShare(part: number): string {
  return part.toLocaleString("en-US", { style: "percent", maximumFractionDigits: 2 });
}

/** `412.5 MB`. */
export function formatBytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString("en-US", { maximumFractionDigits: 1 })} MB`;
}

/** The time of day in UTC, as the server's log has it: `14:03:05`. */
export function formatClock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** How long something has been so: `40 s`, `3 min`, `2 h`. */
export function formatLasting(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / MS));
  if (seconds < MINUTE) return `${seconds} s`;
  const minutes = Math.floor(seconds / MINUTE);
  return minutes < 2 * MINUTE ? `${minutes} min` : `${Math.floor(minutes / MINUTE)} h`;
}

/** What stands where a server does not measure something, or nothing was there to measure. */
export const NOT_MEASURED = "not measured";
