import { divideHalfEven, type Reading, readTyped, writeGrouped, writeUnits } from "./typed-number";

/** Amount, price per share and shares of a purchase: any two give the third. */
export const TERMS = ["amount", "price", "shares"] as const;
export type Term = (typeof TERMS)[number];
export type Terms = Readonly<Record<Term, string>>;

/** Decimals that each may have, in the currency and in shares: whole cents, 8 decimals of a cent, 8 of a share. */
const PLACES: Readonly<Record<Term, number>> = { amount: 2, price: 10, shares: 8 };
/** Decimals that are written even where they are 0. */
const PLACES_MIN: Readonly<Record<Term, number>> = { amount: 2, price: 2, shares: 0 };
/** Units of price × units of shares in one cent. */
const PRODUCT_UNITS_PER_CENT = 10n ** 16n;
const CENT_PLACES = 2;
const PERCENT = 100n;

export interface Purchase {
  /** The third term, where exactly two are typed. */
  readonly derived: { readonly term: Term; readonly text: string } | null;
  /** What is wrong with what was typed, at its field. */
  readonly problems: Readonly<Partial<Record<Term, string>>>;
  /** How shares × price differs from the amount, where all three are typed. */
  readonly difference: Difference | null;
}

export interface Difference {
  /** Shares × price, to the cent. */
  readonly product: string;
  /** More than the server accepts: one of the three must be corrected. */
  readonly isContradiction: boolean;
}

/** Completes a purchase from what was typed, with the rounding and the tolerance of the server. */
export function completePurchase(typed: Terms): Purchase {
  const readings = new Map<Term, Reading>(
    TERMS.filter((term) => typed[term].trim() !== "").map((term) => [
      term,
      readTerm(term, typed[term]),
    ]),
  );
  const problems = Object.fromEntries(
    [...readings].flatMap(([term, reading]) =>
      reading.isNumber ? [] : [[term, reading.problem] as const],
    ),
  );
  const units = (term: Term): bigint | null => {
    const reading = readings.get(term);
    return reading?.isNumber ? reading.units : null;
  };
  const price = readings.get("price");
  return {
    derived: Object.keys(problems).length === 0 ? third(units) : null,
    problems,
    difference: differenceOf(units, price?.isNumber ? price.decimals : 0),
  };
}

function readTerm(term: Term, text: string): Reading {
  const reading = readTyped(text, PLACES[term]);
  if (reading.isNumber && reading.units === 0n) {
    return { isNumber: false, problem: "Must be above 0." };
  }
  return reading;
}

type Units = (term: Term) => bigint | null;

function third(units: Units): Purchase["derived"] {
  const [amount, price, shares] = [units("amount"), units("price"), units("shares")];
  if (amount === null && price !== null && shares !== null) {
    return derive("amount", divideHalfEven(price * shares, PRODUCT_UNITS_PER_CENT));
  }
  if (price === null && amount !== null && shares !== null) {
    return derive("price", divideHalfEven(amount * PRODUCT_UNITS_PER_CENT, shares));
  }
  if (shares === null && amount !== null && price !== null) {
    return derive("shares", divideHalfEven(amount * PRODUCT_UNITS_PER_CENT, price));
  }
  return null;
}

function derive(term: Term, units: bigint): Purchase["derived"] {
  // Two terms so small that the third is 0 do not make a purchase.
  if (units === 0n) return null;
  return { term, text: writeGrouped(units, PLACES[term], PLACES_MIN[term]) };
}

function differenceOf(units: Units, priceDecimals: number): Difference | null {
  const [amount, price, shares] = [units("amount"), units("price"), units("shares")];
  if (amount === null || price === null || shares === null) return null;
  const cost = amount * PRODUCT_UNITS_PER_CENT;
  const product = price * shares;
  const difference = product > cost ? product - cost : cost - product;
  // Half of the last decimal of the price as it is sent in cents, and one cent.
  const lastDecimal = 10n ** BigInt(PLACES.price - Math.max(priceDecimals, CENT_PLACES));
  const explained = shares * lastDecimal + 2n * PRODUCT_UNITS_PER_CENT;
  if (2n * difference <= explained) return null;
  const cents = divideHalfEven(product, PRODUCT_UNITS_PER_CENT);
  return {
    product: writeGrouped(cents, PLACES.amount, PLACES_MIN.amount),
    isContradiction: difference * PERCENT > cost,
  };
}

/** An amount as the wire has it, in whole cents; null when it is not one. */
export function centsOf(text: string): string | null {
  const reading = readTyped(text, PLACES.amount);
  return reading.isNumber ? reading.units.toString() : null;
}

/** A price as the wire has it: a decimal in cents, with as many decimals as were typed, for they say how exact it is. */
export function priceCentsOf(text: string): string | null {
  const reading = readTyped(text, PLACES.price);
  if (!reading.isNumber) return null;
  const decimals = Math.max(reading.decimals - CENT_PLACES, 0);
  return writeUnits(reading.units, PLACES.price - CENT_PLACES, decimals);
}

/** Shares as the wire has them. */
export function sharesOf(text: string): string | null {
  const reading = readTyped(text, PLACES.shares);
  return reading.isNumber ? writeUnits(reading.units, PLACES.shares) : null;
}

/** A percentage as the share of one that the wire has: `"12.5"` is `0.125`. */
export function shareOfPercent(text: string): string | null {
  const places = 12;
  const reading = readTyped(text, places);
  return reading.isNumber ? writeUnits(reading.units, places + CENT_PLACES) : null;
}
