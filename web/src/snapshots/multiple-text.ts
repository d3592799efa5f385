import { isDecimal } from "../money/decimal";

const MULTIPLE = new Intl.NumberFormat("en-US", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  useGrouping: false,
  roundingMode: "halfEven",
});

/** Changes are small: four decimals, and a sign on either side. */
const CHANGE = new Intl.NumberFormat("en-US", {
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
  useGrouping: false,
  signDisplay: "exceptZero",
  roundingMode: "halfEven",
});

/** A multiple of 12 decimals as it is shown everywhere, `1.75x`; null without one. */
export function multipleText(value: string | null | undefined): string | null {
  return value && isDecimal(value) ? `${MULTIPLE.format(value)}x` : null;
}

/** What a multiple changed by, `+0.0213x`; null where one side has no number. */
export function changeText(change: string | null | undefined): string | null {
  return change && isDecimal(change) ? `${CHANGE.format(change)}x` : null;
}
