import type { Lens, LensKey } from "../lenses/lens";
import { lensOf } from "../lenses/report";
import type { CompanyEvent } from "./event";
import { textOf } from "./event";
import { type Bucket, bucketOf, lotName } from "./lot-name";
import type { CompanyLenses, Lot, Policy } from "./wire";

/** A lot or a planned reserve as it enters a lens. */
export interface DerivationRow {
  readonly id: string;
  readonly name: string;
  readonly kind: "lot" | "reserve";
  readonly lens: Lens;
}

interface Facts {
  readonly company: CompanyLenses;
  readonly lots: readonly Lot[];
  readonly events: readonly CompanyEvent[];
  readonly policy: Policy;
}

/** The lots and reserves whose numerators and denominators add up to a lens of their company. */
export function derivationRows(key: LensKey, facts: Facts): DerivationRow[] {
  const takes = BUCKETS[key];
  const isExit = key.startsWith("exit");
  const { nameOf, bucketOfLot } = lotBook(facts);
  const lots = facts.company.lots
    .filter(({ id }) => takes.lots === "all" || bucketOfLot(id) === takes.lots)
    .map((lot): DerivationRow => {
      const lens = lensOf(isExit ? lot.exit_moic : lot.current_moic);
      return { id: lot.id, name: nameOf(lot.id), kind: "lot", lens };
    });
  const reserves = facts.company.plannedReserves.map((reserve): DerivationRow => {
    return { id: reserve.id, name: reserve.id, kind: "reserve", lens: lensOf(reserve.exit_moic) };
  });
  return takes.reserves ? [...lots, ...reserves] : lots;
}

/** Which lots a lens takes, and whether planned reserves are a part of it (moic.md, "The seven lenses"). */
const BUCKETS: Readonly<
  Record<LensKey, { lots: Exclude<Bucket, null> | "all" | "none"; reserves: boolean }>
> = {
  current_moic: { lots: "all", reserves: false },
  current_moic_initial: { lots: "initial", reserves: false },
  current_moic_deployed_reserves: { lots: "follow_on", reserves: false },
  exit_moic: { lots: "all", reserves: true },
  exit_moic_initial: { lots: "initial", reserves: false },
  exit_moic_follow_ons: { lots: "follow_on", reserves: true },
  exit_moic_planned_reserves: { lots: "none", reserves: true },
};

/** Names and buckets of lots by id; one that came of an exercised warrant is described by its event. */
function lotBook({ lots, events, policy }: Facts) {
  const bought = new Map(lots.map((lot) => [lot.id, lot]));
  const exercised = new Map(
    events
      .filter((event) => event.type === "exercise" && !event.reversedBy)
      .map((event) => [textOf(event, "newLot"), event]),
  );
  const first = firstPurchase(lots);
  function bucketOfLot(id: string): Bucket {
    const lot = bought.get(id);
    if (lot) return bucketOf(lot, first, policy);
    const event = exercised.get(id);
    if (!event) return null;
    const lotType = textOf(event, "lotType");
    return bucketOf({ lotType, purchaseDate: event.effectiveDate }, first, policy);
  }
  function nameOf(id: string): string {
    const lot = bought.get(id);
    if (lot) return lotName(lot);
    return exercised.has(id) ? `Exercised ${exercised.get(id)?.effectiveDate}` : `Lot ${id}`;
  }
  return { bucketOfLot, nameOf };
}

/** The day of the fund's first purchase in a company; empty without one. */
export function firstPurchase(lots: readonly Lot[]): string {
  return lots.map((lot) => lot.purchaseDate).toSorted()[0] ?? "";
}
