import { isDecimal } from "./decimal";

/** What stands where there is no amount. */
export const NO_AMOUNT = "–";

const LOCALE = "en-US";
const formats = new Map<string, Intl.NumberFormat>();

function currencyFormat(currency: string, style: "full" | "compact"): Intl.NumberFormat {
  const key = `${style} ${currency}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, {
      style: "currency",
      currency,
      roundingMode: "halfEven",
      ...(style === "compact"
        ? { notation: "compact", minimumFractionDigits: 1, maximumFractionDigits: 1 }
        : { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    });
    formats.set(key, format);
  }
  return format;
}

function formatAs(
  cents: string | null | undefined,
  currency: string,
  style: "full" | "compact",
): string {
  if (cents === null || cents === undefined) return NO_AMOUNT;
  if (!isDecimal(cents)) throw new RangeError(`not an amount of cents: "${cents}"`);
  // Intl reads a numeric string exactly, exponent included, so no float is in between.
  return currencyFormat(currency, style).format(`${cents}e-2` as `${number}`);
}

/** An amount of cents, written out: `"437000850.003138"` is `$4,370,008.50`, half-even. */
export function formatCents(cents: string | null | undefined, currency: string): string {
  return formatAs(cents, currency, "full");
}

/** An amount of cents for a dense place: `"437000850"` is `$4.4M`. */
export function formatCentsCompact(cents: string | null | undefined, currency: string): string {
  return formatAs(cents, currency, "compact");
}

const PERCENT = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 1 });

/** A part of one as a percentage: `"0.770167777734"` is `77%`. */
export function formatPercent(part: string): string {
  if (!isDecimal(part)) throw new RangeError(`not a decimal: "${part}"`);
  return PERCENT.format(part);
}

const DAY = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeZone: "UTC" });

/** A civil date `2022-12-31` as `Dec 31, 2022`, in no time zone at all. */
export function formatDate(date: string): string {
  return DAY.format(new Date(`${date}T00:00:00Z`));
}
