/**
 * What a sheet can be about and what its columns can mean. The API has no list of them: these are the keys and labels of
 * `crates/formats/src/template/fields.rs`, and a test compares the two.
 */

export interface ColumnField {
  /** As it stands in a mapping. */
  readonly key: string;
  /** The header of the template. */
  readonly label: string;
}

/** In a mapping: the sheet or column is left out. */
export const IGNORED = "ignore";

export const ROLES = ["settings", "companies", "lots", "events", "cases"] as const;
export type Role = (typeof ROLES)[number];

export function isRole(text: unknown): text is Role {
  return ROLES.some((role) => role === text);
}

/** What a sheet with the role is about. */
export const ROLE_LABELS: Readonly<Record<Role, string>> = {
  settings: "Settings",
  companies: "Companies",
  lots: "Lots",
  events: "Events",
  cases: "Exit cases",
};

function fields(labels: Readonly<Record<string, string>>): readonly ColumnField[] {
  return Object.entries(labels).map(([key, label]) => ({ key, label }));
}

export const FIELDS: Readonly<Record<Role, readonly ColumnField[]>> = {
  settings: fields({ setting: "Setting", value: "Value" }),
  companies: fields({
    companyId: "Company ID",
    company: "Company",
    sector: "Sector",
    stage: "Stage",
  }),
  lots: fields({
    company: "Company",
    companyId: "Company ID",
    sector: "Sector",
    stage: "Stage",
    lot: "Lot ID",
    type: "Lot type",
    instrument: "Instrument",
    shareClass: "Share class",
    round: "Round",
    purchaseDate: "Purchase date",
    shares: "Shares",
    price: "Price per share",
    priceCents: "Price per share (cents)",
    cost: "Cost",
    costCents: "Cost (cents)",
    strike: "Strike",
    strikeCents: "Strike (cents)",
    ownership: "Ownership",
    postMoney: "Post-money valuation",
    mark: "Mark per share",
    fairValue: "Fair value",
    postMoneyCents: "Post-money valuation (cents)",
    markCents: "Mark per share (cents)",
    fairValueCents: "Fair value (cents)",
    markDate: "Mark date",
  }),
  events: fields({
    company: "Company",
    companyId: "Company ID",
    type: "Type",
    date: "Date",
    shareClass: "Share class",
    toClass: "To class",
    lot: "Lot ID",
    newLot: "New lot ID",
    lotType: "Lot type",
    shares: "Shares",
    price: "Price per share",
    priceCents: "Price per share (cents)",
    fxRate: "FX rate",
    amount: "Amount",
    amountCents: "Amount (cents)",
    numerator: "Numerator",
    denominator: "Denominator",
    lots: "Lots",
    relief: "Relief",
    receivable: "Receivable ID",
  }),
  cases: fields({
    company: "Company",
    companyId: "Company ID",
    case: "Case",
    probability: "Probability",
    shareClass: "Share class",
    exitPrice: "Exit price per share",
    exitPriceCents: "Exit price per share (cents)",
    lot: "Lot ID",
    lotProceeds: "Lot proceeds",
    lotProceedsCents: "Lot proceeds (cents)",
    reserve: "Reserve ID",
    reserveAmount: "Reserve amount",
    reserveAmountCents: "Reserve amount (cents)",
    reservePrice: "Reserve price per share",
    reservePriceCents: "Reserve price per share (cents)",
    reserveProceeds: "Reserve exit proceeds",
    reserveProceedsCents: "Reserve exit proceeds (cents)",
    deployProbability: "Deploy probability",
  }),
};

/** The label of a column's key, or the key itself where it is not known. */
export function fieldLabel(role: string | null | undefined, key: string): string {
  const known = isRole(role) ? FIELDS[role].find((field) => field.key === key) : undefined;
  return known?.label ?? key;
}
