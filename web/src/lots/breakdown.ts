import type { CompanyLenses, LotLenses } from "../lenses/report";
import { sumDecimals } from "../money/decimal";
import type { LotFacts, LotType } from "./lot-facts";

/** How a fund counts secondary purchases. */
export type SecondaryBucket = "by_position" | "follow_on" | "separate";

/** A lot with its facts, as far as they are known, and what it counts as in the lenses where that is not its type. */
export interface BrokenDownLot {
  readonly lot: LotLenses;
  readonly facts: LotFacts | undefined;
  readonly countsAs: "initial" | "follow-on" | null;
}

/** The lots of one type, and their sums: null where one of them has no number. */
export interface LotGroup {
  readonly type: LotType | "unknown";
  readonly name: string;
  readonly lots: readonly BrokenDownLot[];
  readonly costCents: string | null;
  readonly valueCents: string | null;
  readonly expectedCents: string | null;
}

const GROUPS: readonly (readonly [type: LotGroup["type"], name: string])[] = [
  ["initial", "Initial"],
  ["follow_on", "Follow-on"],
  ["secondary", "Secondary"],
  ["unknown", "Type not known"],
];

/** A company's lots by type, the oldest first. */
export function lotGroups(
  { lots }: CompanyLenses,
  facts: readonly LotFacts[],
  secondaryBucket: SecondaryBucket,
): LotGroup[] {
  const known = new Map(facts.map((fact) => [fact.id, fact]));
  const ofReport = lots.map((lot) => ({ lot, facts: known.get(lot.id) }));
  const dates = ofReport.flatMap(({ facts }) => (facts ? [facts.purchaseDate] : []));
  const firstPurchase = dates.toSorted()[0];
  return GROUPS.flatMap(([type, name]) => {
    const ofType = ofReport
      .filter(({ facts }) => (facts?.lotType ?? "unknown") === type)
      .map((lot) => ({ ...lot, countsAs: countsAs(lot.facts, firstPurchase, secondaryBucket) }))
      .toSorted((a, b) => (a.facts?.purchaseDate ?? "").localeCompare(b.facts?.purchaseDate ?? ""));
    if (ofType.length === 0) return [];
    return [
      {
        type,
        name,
        lots: ofType,
        costCents: sum(ofType.map(({ lot }) => lot.current.denominatorCents)),
        valueCents: sum(ofType.map(({ lot }) => lot.current.numeratorCents)),
        expectedCents: sum(ofType.map(({ lot }) => lot.exit.numeratorCents)),
      },
    ];
  });
}

/** A secondary purchase is in the initial bucket on the day of the first purchase, otherwise among the follow-ons. */
function countsAs(
  facts: LotFacts | undefined,
  firstPurchase: string | undefined,
  bucket: SecondaryBucket,
): BrokenDownLot["countsAs"] {
  if (facts?.lotType !== "secondary" || bucket === "separate") return null;
  if (bucket === "follow_on") return "follow-on";
  return facts.purchaseDate === firstPurchase ? "initial" : "follow-on";
}

function sum(amounts: readonly (string | null)[]): string | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === amounts.length ? sumDecimals(known) : null;
}
