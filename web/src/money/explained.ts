import { isDecimal, movePoint } from "./decimal";
import { formatCents } from "./format";

const LOCALE = "en-US";
const DIGITS = { minimumFractionDigits: 2, maximumFractionDigits: 2 } as const;
const PLAIN = new Intl.NumberFormat(LOCALE, { ...DIGITS, roundingMode: "halfEven" });
const SIGNED = new Intl.NumberFormat(LOCALE, {
  ...DIGITS,
  roundingMode: "halfEven",
  signDisplay: "exceptZero",
});

const CENTS = /(?<![\d.])(-?\d+(?:\.\d+)?) cents\b(?! per share)/g;

/** An explanation of the server with its amounts as people read them: `"20000 cents"` is `$200.00`. */
export function withAmounts(text: string, currency: string): string {
  return text.replace(CENTS, (_, cents: string) => formatCents(cents, currency));
}

/** A multiple to two decimals, half-even: `"1.835744987795"` is `1.84x`; `n/a` where there is none. */
export function formatMultiple(value: string | null | undefined, isSigned = false): string {
  if (value == null || !isDecimal(value)) return "n/a";
  return `${(isSigned ? SIGNED : PLAIN).format(value)}x`;
}

/** Cents as a plain decimal of the currency, for files: `"150"` is `1.50`. */
export function plainAmount(cents: string | null | undefined): string {
  if (cents == null) return "";
  return isDecimal(cents) ? movePoint(cents, -2) : cents;
}

/** A sentence: a capital, and a full stop. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.?$/, ".");
}
