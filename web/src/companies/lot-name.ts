import { formatDate } from "../money/format";
import type { Lot, Policy } from "./wire";

/** Where a lot counts; null where a fund's policy keeps secondaries apart from both. */
export type Bucket = "initial" | "follow_on" | null;

const LOT_TYPES: Readonly<Record<string, string>> = {
  initial: "Initial",
  follow_on: "Follow-on",
  secondary: "Secondary",
};

const INSTRUMENTS: Readonly<Record<string, string>> = {
  safe: "SAFE",
  note: "Note",
  warrant: "Warrant",
};

/** What a lot is called among those of its company: class and day of purchase. */
export function lotName(lot: Lot): string {
  const security = [lot.shareClass, INSTRUMENTS[lot.instrument]].filter(Boolean).join(" ");
  return `${security || lot.instrument}, ${formatDate(lot.purchaseDate)}`;
}

/** Initial or follow-on: by type, and for a secondary purchase by the fund's policy. */
export function bucketOf(
  lot: Pick<Lot, "lotType" | "purchaseDate">,
  firstPurchase: string,
  policy: Policy,
): Bucket {
  if (lot.lotType === "initial") return "initial";
  if (lot.lotType !== "secondary") return "follow_on";
  switch (policy.secondaryBucket ?? "by_position") {
    case "separate":
      return null;
    case "follow_on":
      return "follow_on";
    default:
      return lot.purchaseDate === firstPurchase ? "initial" : "follow_on";
  }
}

/** The bucket in words, with the type where it is a secondary purchase. */
export function bucketWords(lot: Pick<Lot, "lotType">, bucket: Bucket): string {
  const type = LOT_TYPES[lot.lotType] ?? lot.lotType.replaceAll("_", " ");
  if (lot.lotType !== "secondary") return type;
  if (bucket === null) return `${type}, counted apart`;
  return `${type}, counts as ${bucket === "initial" ? "initial" : "follow-on"}`;
}
