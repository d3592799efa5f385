import { isDecimal } from "./decimal";

const LOCALE = "en-US";
/** A price has up to 8 decimals of a cent, so up to 10 of the currency. */
const PRICE_DECIMALS_MAX = 10;
const SHARE_DECIMALS_MAX = 8;

const prices = new Map<string, Intl.NumberFormat>();
const shares = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: SHARE_DECIMALS_MAX });

function priceFormat(currency: string): Intl.NumberFormat {
  let format = prices.get(currency);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE, {
      style: "currency",
      currency,
      minimumFractionDigits: 2,
      maximumFractionDigits: PRICE_DECIMALS_MAX,
    });
    prices.set(currency, format);
  }
  return format;
}

/** A price per share with every decimal it has: `"322.07"` cents is `$3.2207`. Exact fractions stay as they were written. */
export function formatPrice(cents: string, currency: string): string {
  if (!isDecimal(cents)) return `${cents} cents`;
  return priceFormat(currency).format(`${cents}e-2` as `${number}`);
}

/** A number of shares with every decimal it has: `"518138.294565"` is `518,138.294565`. */
export function formatShares(count: string): string {
  return isDecimal(count) ? shares.format(count) : count;
}
