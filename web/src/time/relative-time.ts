const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** From here on a date says more than a number of days. */
const DATED_FROM_MS = 60 * DAY_MS;

/** How far an instant is from `now`, a time or its milliseconds: "3 min ago", "in 5 d"; a date once it is far. */
export function relativeTime(instant: string, now: Date | number): string {
  const distance = Number(now) - Date.parse(instant);
  const size = Math.abs(distance);
  if (size < 45 * SECOND_MS) return distance >= 0 ? "just now" : "in a moment";
  if (size >= DATED_FROM_MS) return instant.slice(0, "2026-01-01".length);
  const amount =
    size < HOUR_MS
      ? `${Math.max(1, Math.round(size / MINUTE_MS))} min`
      : size < DAY_MS
        ? `${Math.round(size / HOUR_MS)} h`
        : `${Math.round(size / DAY_MS)} d`;
  return distance >= 0 ? `${amount} ago` : `in ${amount}`;
}

/** Full days from an instant to `now`. */
export function daysSince(instant: string, now: Date): number {
  return Math.floor((now.getTime() - Date.parse(instant)) / DAY_MS);
}

/** The instant that lies `days` after `now`, as the API takes it. */
export function daysFrom(now: Date, days: number): string {
  return new Date(now.getTime() + days * DAY_MS).toISOString();
}
