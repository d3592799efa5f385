/** The seven lenses in the order in which they are shown, and the words for them. */

export type LensKey =
  | "current_moic"
  | "current_moic_initial"
  | "current_moic_deployed_reserves"
  | "exit_moic"
  | "exit_moic_initial"
  | "exit_moic_follow_ons"
  | "exit_moic_planned_reserves";

/** One multiple, or the reason why there is none. Amounts are decimal strings of cents. */
export interface Lens {
  readonly numeratorCents: string | null;
  readonly denominatorCents: string | null;
  /** The exact multiple, half-even at 12 decimals. */
  readonly value: string | null;
  /** The multiple as it is shown: `"1.75x"`. */
  readonly display: string | null;
  readonly reason: string | null;
  readonly flags: readonly string[];
  /** For `unpriced` and `exit_unpriced`: the lots without a price, as `company/lot`. */
  readonly lots: readonly string[];
}

export type Lenses = Readonly<Record<LensKey, Lens>>;

/** What a row of the lens table stands for. */
export interface LensRow {
  readonly id: string;
  readonly name: string;
  /** A second line: a company's sector, or how many companies a sector has. */
  readonly note: string;
  readonly lenses: Lenses;
  /** How many lots it is made of, for a company. */
  readonly lots?: number;
}

export interface LensColumn {
  readonly key: LensKey;
  /** The heading inside its group. */
  readonly heading: string;
  /** The name outside the table. */
  readonly name: string;
  readonly help: string;
}

export interface LensGroup {
  readonly id: "current" | "exit";
  readonly heading: string;
  readonly columns: readonly LensColumn[];
}

export const LENS_GROUPS: readonly LensGroup[] = [
  {
    id: "current",
    heading: "Current",
    columns: [
      {
        key: "current_moic",
        heading: "Total",
        name: "Current MOIC",
        help: "Today's value and all proceeds so far, over the cost of every lot.",
      },
      {
        key: "current_moic_initial",
        heading: "Initial",
        name: "Current MOIC on initial",
        help: "The same for the first cheque alone.",
      },
      {
        key: "current_moic_deployed_reserves",
        heading: "Deployed",
        name: "Current MOIC on deployed reserves",
        help: "The same for the follow-ons made so far.",
      },
    ],
  },
  {
    id: "exit",
    heading: "At exit",
    columns: [
      {
        key: "exit_moic",
        heading: "Total",
        name: "Exit MOIC",
        help: "Proceeds so far and expected at exit, over cost so far and planned.",
      },
      {
        key: "exit_moic_initial",
        heading: "Initial",
        name: "Exit MOIC on initial",
        help: "Proceeds and expected exit of the first cheque, over its cost.",
      },
      {
        key: "exit_moic_follow_ons",
        heading: "Follow-ons",
        name: "Exit MOIC on follow-ons",
        help: "Deployed and planned follow-ons together.",
      },
      {
        key: "exit_moic_planned_reserves",
        heading: "Planned",
        name: "Exit MOIC on planned reserves",
        help: "The next dollar: expected proceeds of planned reserves over their cost.",
      },
    ],
  },
];

export const LENS_COLUMNS: readonly LensColumn[] = LENS_GROUPS.flatMap((group) => group.columns);

export function isLensKey(text: unknown): text is LensKey {
  return LENS_COLUMNS.some((column) => column.key === text);
}
