import type { Lens, Lenses, LensKey } from "../lenses/lens";
import type { BesideLenses } from "../lenses/report";

/** A part of the money: how it does today, and what is expected of it at exit. */
export interface Bucket {
  readonly id: "initial" | "deployed" | "planned" | "secondary" | "total";
  readonly name: string;
  /** Null for what is not spent yet. */
  readonly today: Lens | null;
  /** Null where the server has none. */
  readonly exit: Lens | null;
  /** The lens whose words explain that there is no number. */
  readonly words: { readonly today: LensKey; readonly exit: LensKey };
}

/** The money by when it was or will be spent, and all of it. */
export function bucketsOf(lenses: Lenses, beside: BesideLenses): Bucket[] {
  const buckets: Bucket[] = [
    {
      id: "initial",
      name: "Initial",
      today: lenses.current_moic_initial,
      exit: lenses.exit_moic_initial,
      words: { today: "current_moic_initial", exit: "exit_moic_initial" },
    },
    {
      id: "deployed",
      name: "Deployed",
      today: lenses.current_moic_deployed_reserves,
      exit: beside.exit_moic_deployed_reserves ?? null,
      words: {
        today: "current_moic_deployed_reserves",
        exit: "current_moic_deployed_reserves",
      },
    },
    {
      id: "planned",
      name: "Planned",
      today: null,
      exit: lenses.exit_moic_planned_reserves,
      words: { today: "current_moic", exit: "exit_moic_planned_reserves" },
    },
  ];
  // Only a fund that keeps secondaries apart has these; elsewhere they are initial or deployed.
  if (beside.current_moic_secondary || beside.exit_moic_secondary) {
    buckets.push({
      id: "secondary",
      name: "Secondary",
      today: beside.current_moic_secondary ?? null,
      exit: beside.exit_moic_secondary ?? null,
      words: { today: "current_moic", exit: "exit_moic" },
    });
  }
  buckets.push({
    id: "total",
    name: "Total",
    today: lenses.current_moic,
    exit: lenses.exit_moic,
    words: { today: "current_moic", exit: "exit_moic" },
  });
  return buckets;
}
