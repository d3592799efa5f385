import { inUnits } from "../money/decimal";
import { isLensKey, type LensKey, type LensRow } from "./lens";

/** The column that rows are sorted by, and which way. */
export interface LensSort {
  readonly by: LensKey | "name";
  readonly direction: "ascending" | "descending";
}

/** The server rounds a multiple to this many decimals. */
const MULTIPLE_DECIMALS = 12;

const names = new Intl.Collator("en");

/** The rows in a new order. A multiple that does not exist comes last both ways, and equals keep their order. */
export function sortRows(rows: readonly LensRow[], { by, direction }: LensSort): LensRow[] {
  const sign = direction === "ascending" ? 1 : -1;
  if (!isLensKey(by)) return rows.toSorted((a, b) => sign * names.compare(a.name, b.name));
  // Each multiple is read once, and not at every comparison.
  const keyed = rows.map((row) => ({ row, units: units(row.lenses[by].value) }));
  keyed.sort((a, b) => {
    if (a.units === b.units) return 0;
    if (a.units === null) return 1;
    if (b.units === null) return -1;
    return a.units < b.units ? -sign : sign;
  });
  return keyed.map(({ row }) => row);
}

/** The order after the heading of a column was pressed: the best multiples first, names from A, then the other way. */
export function sortAfter(pressed: LensSort["by"], sort: LensSort): LensSort {
  if (pressed !== sort.by) {
    return { by: pressed, direction: isLensKey(pressed) ? "descending" : "ascending" };
  }
  return { by: pressed, direction: sort.direction === "ascending" ? "descending" : "ascending" };
}

function units(value: string | null): bigint | null {
  return value === null ? null : inUnits(value, MULTIPLE_DECIMALS);
}
