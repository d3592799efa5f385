import type { ImportCounts } from "./wire";

/** "1 lot", "3 lots", "1,200 lots". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function companies(count: number): string {
  return counted(count, "company", "companies");
}

function parts(counts: ImportCounts) {
  const some = (count: number, words: (count: number) => string) =>
    count > 0 ? [words(count)] : [];
  const lots = (count: number) => counted(count, "lot");
  const events = (count: number) => counted(count, "event");
  return {
    created: [
      ...some(counts.companiesCreated, companies),
      ...some(counts.lotsCreated, lots),
      ...some(counts.eventsCreated, events),
    ],
    corrected: [...some(counts.companiesCorrected, companies), ...some(counts.lotsCorrected, lots)],
    replaced: some(counts.exitCasesReplaced, (count) => `the exit cases of ${companies(count)}`),
    unchanged: [
      ...some(counts.companiesUnchanged, companies),
      ...some(counts.lotsUnchanged, lots),
      ...some(counts.eventsUnchanged, events),
    ],
  };
}

/** How many records an import makes or changes. */
export function changeCount(counts: ImportCounts): number {
  return (
    counts.companiesCreated +
    counts.companiesCorrected +
    counts.lotsCreated +
    counts.lotsCorrected +
    counts.eventsCreated +
    counts.exitCasesReplaced
  );
}

/** How many records of the file are in the fund already. */
export function unchangedCount(counts: ImportCounts): number {
  return counts.companiesUnchanged + counts.lotsUnchanged + counts.eventsUnchanged;
}

/** What an import would do: "2 companies and 3 lots will be created; 4 events are there already." */
export function planText(counts: ImportCounts): string {
  const { created, corrected, replaced, unchanged } = parts(counts);
  const already =
    unchanged.length > 0
      ? [`${listed(unchanged)} ${unchangedCount(counts) === 1 ? "is" : "are"} there already`]
      : [];
  if (changeCount(counts) === 0) {
    return already.length > 0
      ? `Nothing changes: ${already.join("")}.`
      : "Nothing changes: there is no record in the file.";
  }
  return sentence([
    ...(created.length > 0 ? [`${listed(created)} will be created`] : []),
    ...(corrected.length > 0 ? [`${listed(corrected)} will be corrected`] : []),
    ...(replaced.length > 0 ? [`${listed(replaced)} will be replaced`] : []),
    ...already,
  ]);
}

/** What an import did: "2 companies and 3 lots created." */
export function doneText(counts: ImportCounts): string {
  const { created, corrected, replaced } = parts(counts);
  const done = [
    ...(created.length > 0 ? [`${listed(created)} created`] : []),
    ...(corrected.length > 0 ? [`${listed(corrected)} corrected`] : []),
    ...(replaced.length > 0 ? [`${listed(replaced)} replaced`] : []),
  ];
  return done.length > 0 ? sentence(done) : "Nothing was changed.";
}

function sentence(clauses: readonly string[]): string {
  const text = clauses.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
