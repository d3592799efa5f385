import type { LensResult, WireLens } from "../api/wire";
import { LENS_COLUMNS, type Lens, type Lenses } from "./lens";

/** Lenses that stand beside the seven; those of secondaries only where the fund keeps them apart. */
export type BesideKey =
  | "exit_moic_deployed_reserves"
  | "current_moic_secondary"
  | "exit_moic_secondary";

export type BesideLenses = Readonly<Partial<Record<BesideKey, Lens>>>;

/** A lot's two multiples: what the lenses of its company add up. */
export interface LotLenses {
  readonly id: string;
  readonly current: Lens;
  readonly exit: Lens;
}

/** A planned reserve's multiple. */
export interface ReserveLens {
  readonly id: string;
  readonly exit: Lens;
}

/** A company's lenses down to its lots. */
export interface CompanyLenses {
  readonly id: string;
  readonly lenses: Lenses;
  readonly beside: BesideLenses;
  readonly lots: readonly LotLenses[];
  readonly reserves: readonly ReserveLens[];
}

/** The lenses of a fund, its companies and its sectors, with every lens known to be there. */
export interface LensReport {
  readonly asOf: string;
  /** Priced cost over total cost; null when nothing is left out. */
  readonly coverage: string | null;
  /** The engine that computed it, and the hash of everything it depends on. */
  readonly engineVersion: string;
  readonly inputsHash: string;
  readonly fund: Lenses;
  readonly beside: BesideLenses;
  readonly companies: readonly CompanyLenses[];
  readonly sectors: readonly { readonly sector: string | null; readonly lenses: Lenses }[];
}

/** Reads the server's result. Throws when one of the seven lenses is missing: a table with holes would lie. */
export function lensReport(result: LensResult): LensReport {
  return {
    asOf: result.asOf,
    coverage: result.fund.coverage ?? null,
    engineVersion: result.engineVersion,
    inputsHash: result.inputsHash,
    fund: lensesOf(result.fund.lenses),
    beside: besideOf(result.fund.lenses),
    companies: result.companies.map(({ id, lenses, lots, plannedReserves }) => ({
      id,
      lenses: lensesOf(lenses),
      beside: besideOf(lenses),
      lots: lots.map((lot) => ({
        id: lot.id,
        current: lensOf(lot.current_moic),
        exit: lensOf(lot.exit_moic),
      })),
      reserves: plannedReserves.map(({ id, exit_moic }) => ({ id, exit: lensOf(exit_moic) })),
    })),
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

function besideOf(wire: Readonly<Record<string, WireLens>>): BesideLenses {
  const entries = BESIDE.flatMap((key) => (wire[key] ? [[key, lensOf(wire[key])] as const] : []));
  return Object.fromEntries(entries);
}

const BESIDE: readonly BesideKey[] = [
  "exit_moic_deployed_reserves",
  "current_moic_secondary",
  "exit_moic_secondary",
];

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
