import { formatCents } from "../money/format";
import { formatShares } from "../money/per-share";
import { type CompanyEvent, type EventWords, eventWords, textOf } from "./event";
import { lotName } from "./lot-name";
import type { Lot } from "./wire";

export interface TimeLineEntry extends EventWords {
  readonly key: string;
  /** A later entry took it back: it is told, and does not count. */
  readonly isTakenBack: boolean;
}

export interface TimeLineDay {
  readonly date: string;
  readonly entries: readonly TimeLineEntry[];
}

/** Purchases and events by day, the latest first. Marks of one day at one price are told together. */
export function timeLine(
  lots: readonly Lot[],
  events: readonly CompanyEvent[],
  currency: string,
): TimeLineDay[] {
  const names = new Map(lots.map((lot) => [lot.id, lotName(lot)]));
  const lot = (id: string) => names.get(id) ?? "A lot";
  const days = new Map<string, TimeLineEntry[]>();
  function enter(date: string, entry: TimeLineEntry): void {
    const entries = days.get(date);
    if (entries) entries.push(entry);
    else days.set(date, [entry]);
  }
  for (const bought of lots) {
    const shares = bought.sharesAcquired
      ? `${formatShares(bought.sharesAcquired)} ${bought.shareClass ?? ""}`.trim()
      : bought.instrument.toUpperCase();
    const cost = formatCents(bought.costBasisCents, currency);
    const text = `${shares} for ${cost}`;
    enter(bought.purchaseDate, { key: bought.id, kind: "Purchase", text, isTakenBack: false });
  }
  const recorded = events.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
  for (const event of withMarksTogether(recorded)) {
    const isTakenBack = Boolean(event.reversedBy);
    const words = eventWords(event, { currency, lot });
    enter(event.effectiveDate, { key: event.id, isTakenBack, ...words });
  }
  return [...days]
    .map(([date, entries]) => ({ date, entries }))
    .toSorted((a, b) => b.date.localeCompare(a.date));
}

function withMarksTogether(events: readonly CompanyEvent[]): CompanyEvent[] {
  const told = new Map<string, CompanyEvent>();
  for (const event of events) {
    const isMark = event.type === "mark" && !event.reversedBy;
    const alike = ["effectiveDate", "sharePriceCents", "fxRate"].map((name) => textOf(event, name));
    const key = isMark ? alike.join(" ") : event.id;
    const earlier = told.get(key);
    const both = [earlier, event].flatMap((one) => (one ? [textOf(one, "shareClass")] : []));
    told.set(key, earlier ? { ...earlier, shareClass: both.join(", ") } : event);
  }
  return [...told.values()];
}

/** One share class's marks in the order of their dates, for the chart. */
export interface MarkLine {
  readonly shareClass: string;
  readonly points: readonly { readonly date: string; readonly sharePriceCents: string }[];
}

/** The marks that count, by share class. */
export function markLines(events: readonly CompanyEvent[]): MarkLine[] {
  const lines = new Map<string, { date: string; sharePriceCents: string }[]>();
  const byDate = events
    .filter((event) => event.type === "mark" && !event.reversedBy)
    .toSorted(
      (a, b) =>
        a.effectiveDate.localeCompare(b.effectiveDate) || a.createdAt.localeCompare(b.createdAt),
    );
  for (const mark of byDate) {
    const shareClass = textOf(mark, "shareClass");
    const points = lines.get(shareClass) ?? [];
    points.push({ date: mark.effectiveDate, sharePriceCents: textOf(mark, "sharePriceCents") });
    lines.set(shareClass, points);
  }
  return [...lines].map(([shareClass, points]) => ({ shareClass, points }));
}
