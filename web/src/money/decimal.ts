/**
 * Exact decimals as the API sends them: strings such as `"1.748002868620"` or `"-12"`.
 * They are compared and formatted from the text; none of them ever becomes a JavaScript number.
 */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

interface Decimal {
  /** The digits without the point, signed. */
  readonly digits: bigint;
  /** How many of the digits stand after the point. */
  readonly places: number;
}

function parse(text: string): Decimal {
  const match = DECIMAL.exec(text);
  if (!match) throw new RangeError(`not a decimal number: "${text}"`);
  const [, sign = "", whole = "0", fraction = ""] = match;
  const magnitude = BigInt(whole + fraction);
  return { digits: sign === "-" ? -magnitude : magnitude, places: fraction.length };
}

/** Negative when `a` is the smaller, positive when it is the greater, 0 when they are equal. */
export function compareDecimals(a: string, b: string): -1 | 0 | 1 {
  const left = parse(a);
  const right = parse(b);
  const places = Math.max(left.places, right.places);
  const scaledLeft = left.digits * 10n ** BigInt(places - left.places);
  const scaledRight = right.digits * 10n ** BigInt(places - right.places);
  if (scaledLeft === scaledRight) return 0;
  return scaledLeft < scaledRight ? -1 : 1;
}

/** `"1.750000000000"` is `"1.75"`, `"2.000"` is `"2"`. */
export function shortestDecimal(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Whether the text is a decimal that {@link compareDecimals} can read. */
export function isDecimal(text: string): text is `${number}` {
  return DECIMAL.test(text);
}
