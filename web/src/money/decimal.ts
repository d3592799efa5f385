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

/** The decimal in units of its last place: `"1.75"` at 12 places is 1750000000000. Throws for one with more places. */
export function inUnits(text: string, places: number): bigint {
  const decimal = parse(text);
  if (decimal.places > places) throw new RangeError(`more than ${places} decimals: "${text}"`);
  return decimal.digits * 10n ** BigInt(places - decimal.places);
}

/** The exact sum, with as many decimals as the longest of them. */
export function sumDecimals(texts: readonly string[]): string {
  const decimals = texts.map(parse);
  const places = Math.max(0, ...decimals.map((decimal) => decimal.places));
  let sum = 0n;
  for (const decimal of decimals) sum += decimal.digits * 10n ** BigInt(places - decimal.places);
  return movePoint(String(sum), -places);
}

/** Moves the decimal point, to the left for a negative number: cents `"150.5"` by -2 are `"1.505"`. */
export function movePoint(text: string, by: number): string {
  const { digits, places } = parse(text);
  const after = places - by;
  const magnitude = String(digits < 0n ? -digits : digits) + "0".repeat(Math.max(0, -after));
  const padded = magnitude.padStart(after + 1, "0");
  const sign = digits < 0n ? "-" : "";
  return after <= 0 ? sign + padded : `${sign}${padded.slice(0, -after)}.${padded.slice(-after)}`;
}

/** `"1.750000000000"` is `"1.75"`, `"2.000"` is `"2"`. */
export function shortestDecimal(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Whether the text is a decimal that {@link compareDecimals} can read. */
export function isDecimal(text: string): text is `${number}` {
  return DECIMAL.test(text);
}
