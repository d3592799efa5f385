/**
 * Numbers as people type them, `"1,500,000.5"`, read exactly: a count of units of the smallest decimal. None of them ever
 * becomes a JavaScript number.
 */

/** Digits, in groups of three where there are commas at all: `1,5` is no number here, and is not taken for 15. */
const TYPED = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$/;
const DIGITS_MAX = 30;

export type Reading =
  | { readonly isNumber: true; readonly units: bigint; readonly decimals: number }
  | { readonly isNumber: false; readonly problem: string };

/** Reads a number with at most `places` decimals as `units` of the last of them. */
export function readTyped(text: string, places: number): Reading {
  const match = TYPED.exec(text.trim());
  if (!match) {
    return { isNumber: false, problem: "Must be a number such as 1,250,000.50." };
  }
  const whole = (match[1] ?? "").replaceAll(",", "");
  const fraction = match[2] ?? "";
  if (fraction.length > places) {
    return { isNumber: false, problem: `Can have at most ${places} decimals.` };
  }
  if (whole.length > DIGITS_MAX) return { isNumber: false, problem: "Is too large." };
  const units = BigInt(whole + fraction.padEnd(places, "0"));
  return { isNumber: true, units, decimals: fraction.length };
}

/** Writes units back with at least `placesMin` decimals and none that say nothing: `"289498"` of 5 places is `2.89498`. */
export function writeUnits(units: bigint, places: number, placesMin = 0): string {
  const digits = units.toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  const shown = fraction.padEnd(placesMin, "0");
  return shown === "" ? whole : `${whole}.${shown}`;
}

/** The same with commas between groups of three, for a field that a person reads. */
export function writeGrouped(units: bigint, places: number, placesMin = 0): string {
  const [whole = "", fraction] = writeUnits(units, places, placesMin).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `numerator / denominator`, rounded half-even, as the server rounds. The denominator is above 0. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}
