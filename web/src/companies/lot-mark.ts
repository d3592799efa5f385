import { type CompanyEvent, textOf } from "./event";
import type { Lot } from "./wire";

/** What a lot is marked by: the latest price of the class it is held in, or a value of its own. */
export type LotMark =
  | { readonly date: string; readonly shareClass: string; readonly sharePriceCents: string }
  | { readonly date: string; readonly valueCents: string };

/** The mark of a lot as of a date, as it was entered; conversions have taken the lot into another class meanwhile. */
export function markOf(
  lot: Pick<Lot, "id" | "shareClass" | "purchaseDate">,
  events: readonly CompanyEvent[],
  until: string | undefined,
): LotMark | null {
  const counting = events
    .filter((event) => !event.reversedBy && (until === undefined || event.effectiveDate <= until))
    .toSorted(
      (a, b) =>
        a.effectiveDate.localeCompare(b.effectiveDate) || a.createdAt.localeCompare(b.createdAt),
    );
  let held = lot.shareClass ?? "";
  let own: LotMark | null = null;
  for (const event of counting) {
    const isOfLot = textOf(event, "lot") === lot.id;
    // On one day conversions come before purchases.
    const isLater = event.effectiveDate > lot.purchaseDate;
    if (event.type === "class_conversion" && isLater && textOf(event, "fromClass") === held) {
      held = textOf(event, "toClass");
    } else if (event.type === "lot_conversion" && isOfLot) {
      held = textOf(event, "toClass");
      own = null;
    } else if (event.type === "lot_mark" && isOfLot) {
      own = { date: event.effectiveDate, valueCents: textOf(event, "valueCents") };
    }
  }
  if (own) return own;
  const mark = counting.findLast(
    (event) => event.type === "mark" && textOf(event, "shareClass") === held,
  );
  if (!mark) return null;
  const sharePriceCents = textOf(mark, "sharePriceCents");
  return { date: mark.effectiveDate, shareClass: held, sharePriceCents };
}
