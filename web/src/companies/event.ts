import { formatCents } from "../money/format";
import { formatPrice, formatShares } from "../money/per-share";

/** A dated fact about a company, with the fields of its type beside those that every event has. */
export interface CompanyEvent {
  readonly id: string;
  readonly type?: unknown;
  readonly effectiveDate: string;
  readonly createdAt: string;
  readonly reversedBy?: string | null;
  readonly reverses?: string | null;
  readonly [field: string]: unknown;
}

/** What an event says, for people. */
export interface EventWords {
  readonly kind: string;
  readonly text: string;
}

interface Names {
  readonly currency: string;
  readonly lot: (id: string) => string;
}

const KINDS: Readonly<Record<string, string>> = {
  mark: "Mark",
  lot_mark: "Mark of a lot",
  split: "Split",
  class_conversion: "Class conversion",
  lot_conversion: "Conversion",
  exercise: "Exercise",
  distribution: "Distribution",
  disposal: "Sale",
  receivable: "Receivable",
  reversal: "Taken back",
};

export function eventWords(event: CompanyEvent, names: Names): EventWords {
  const type = textOf(event, "type");
  return { kind: KINDS[type] ?? type.replaceAll("_", " "), text: sentence(type, event, names) };
}

/** The text of a field, however it was entered; empty when it is not there. */
export function textOf(event: CompanyEvent, field: string): string {
  const value = event[field];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function sentence(type: string, event: CompanyEvent, { currency, lot }: Names): string {
  const text = (field: string) => textOf(event, field);
  const money = (field: string) => formatCents(text(field) || null, currency);
  switch (type) {
    case "mark": {
      const rate = text("fxRate");
      const price = formatPrice(text("sharePriceCents"), currency);
      return rate === "" || rate === "1"
        ? `${text("shareClass")} at ${price} per share`
        : `${text("shareClass")} at ${text("sharePriceCents")} cents per share, exchange rate ${rate}`;
    }
    case "lot_mark":
      return `${lot(text("lot"))} at ${money("valueCents")}`;
    case "split":
      return `${text("shareClass")} ${text("numerator")} for ${text("denominator")}`;
    case "class_conversion":
      return `${text("fromClass")} into ${text("toClass")}, ${text("numerator")} for ${text("denominator")}`;
    case "lot_conversion":
      return `${lot(text("lot"))} into ${formatShares(text("shares"))} ${text("toClass")}`;
    case "exercise":
      return `${lot(text("lot"))} for ${money("cashCents")}`;
    case "distribution": {
      const to = text("shareClass") || (text("lot") && lot(text("lot")));
      return `${money("amountCents")}${to && ` to ${to}`}`;
    }
    case "disposal": {
      const shares = [formatShares(text("shares")), text("shareClass"), "shares"];
      return `${shares.filter((word) => word !== "").join(" ")} for ${money("proceedsCents")}`;
    }
    case "receivable":
      return [text("receivableId"), `carried at ${money("carryingCents")}`]
        .filter((word) => word !== "")
        .join(" ");
    case "reversal":
      return "An earlier entry does not count.";
    default:
      return "";
  }
}
