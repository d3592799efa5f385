import { isDecimal, movePoint } from "../money/decimal";

const LOCALE = "en-US";
const CENTS_DECIMALS = 2;
/** As many as a share count or a price can have. */
const DECIMALS_MAX = 10;

const SHARES = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: DECIMALS_MAX });

/** Shares as they are held, no decimal dropped: `"518138.294565"` is `518,138.294565`. */
export function formatShares(shares: string): string {
  return isDecimal(shares) ? SHARES.format(shares) : shares;
}

/** A price of cents per share in the currency, no decimal dropped: `"650.407"` is `$6.50407`. */
export function formatPrice(cents: string, currency: string): string {
  if (!isDecimal(cents)) return cents;
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: CENTS_DECIMALS,
    maximumFractionDigits: DECIMALS_MAX,
  });
  return format.format(movePoint(cents, -CENTS_DECIMALS) as `${number}`);
}
