import type { LensResult, WireLens } from "../api/wire";
import { LENS_COLUMNS, type Lens, type Lenses } from "./lens";

/** The lenses of a fund, its companies and its sectors, with every lens known to be there. */
export interface LensReport {
  readonly asOf: string;
  /** Priced cost over total cost; null when nothing is left out. */
  readonly coverage: string | null;
  readonly fund: Lenses;
  readonly companies: readonly { readonly id: string; readonly lenses: Lenses }[];
  readonly sectors: readonly { readonly sector: string | null; readonly lenses: Lenses }[];
}

/** Reads the server's result. Throws when one of the seven lenses is missing: a table with holes would lie. */
export function lensReport(result: LensResult): LensReport {
  return {
    asOf: result.asOf,
    coverage: result.fund.coverage ?? null,
    fund: lensesOf(result.fund.lenses),
    companies: result.companies.map(({ id, lenses }) => ({ id, lenses: lensesOf(lenses) })),
    sectors: result.sectors.map(({ sector, lenses }) => ({
      sector: sector ?? null,
      lenses: lensesOf(lenses),
    })),
  };
}

/** The seven lenses of one subject. Throws when one is missing. */
export function lensesOf(wire: Readonly<Record<string, WireLens>>): Lenses {
  const entries = LENS_COLUMNS.map(({ key }) => {
    const lens = wire[key];
    if (!lens) throw new Error(`The server's answer has no lens "${key}".`);
    return [key, lensOf(lens)] as const;
  });
  return Object.fromEntries(entries) as Lenses;
}

/** One multiple, with null for whatever the wire leaves out. */
export function lensOf(wire: WireLens): Lens {
  return {
    numeratorCents: wire.numeratorCents ?? null,
    denominatorCents: wire.denominatorCents ?? null,
    value: wire.value ?? null,
    display: wire.display ?? null,
    reason: wire.reason ?? null,
    flags: wire.flags,
    lots: wire.lots ?? [],
  };
}
