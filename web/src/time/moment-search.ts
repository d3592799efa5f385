import type { Moment } from "../api/queries";

const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Whether it is a civil date as the URL and the API have it: `2022-12-31`. */
export function isCivilDate(value: unknown): value is string {
  return typeof value === "string" && CIVIL_DATE.test(value);
}

/** The date of the time machine from the search part of a URL; what is none is dropped. */
export function asOfSearch({ asOf }: Record<string, unknown>): { asOf?: string } {
  return isCivilDate(asOf) ? { asOf } : {};
}

/** Both hands of the time machine: as of which date, from what was known at which instant. */
export function momentSearch(search: Record<string, unknown>): { asOf?: string; knownAt?: string } {
  const { knownAt } = search;
  return {
    ...asOfSearch(search),
    ...(typeof knownAt === "string" && INSTANT.test(knownAt) ? { knownAt } : {}),
  };
}

/** While a year is being typed, a field already holds dates such as 0020-06-30. */
const EARLIEST_YEAR = "1900";
const MINUTES = "2026-01-31T12:00".length;

/** What a field's date or minute means for the URL: undefined for now, null while it is still being typed. */
export function chosenDate(text: string): string | undefined | null {
  if (text === "") return undefined;
  return text < EARLIEST_YEAR ? null : text;
}

/** The same for a minute of UTC, which becomes an instant. */
export function chosenInstant(minute: string): string | undefined | null {
  const chosen = chosenDate(minute);
  return chosen ? `${chosen.slice(0, MINUTES)}:00Z` : chosen;
}

/** An instant as a field for date and time shows it. */
export function minuteOf(instant: string | undefined): string | undefined {
  return instant?.slice(0, MINUTES);
}

/** Another moment in the search part of a URL, with everything else as it was. */
export function withMoment<Search extends Moment>(search: Search, change: Moment): Search {
  const entries = Object.entries({ ...search, ...change });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Search;
}
