import type { RequestFailed } from "../api/problem";
import type { components } from "../api/schema";
import type { FieldName, InvestmentFields } from "./draft";
import { centsOf, type Purchase, priceCentsOf, shareOfPercent, sharesOf } from "./purchase-terms";

type NewInvestment = components["schemas"]["NewInvestment"];
type NewLot = components["schemas"]["NewLot"];

/** The cheque as it is sent. The fields have been checked. */
export function investmentBody(fields: InvestmentFields, purchase: Purchase): NewInvestment {
  const ownership = shareOfPercent(fields.ownershipPercent);
  const postMoneyValuationCents = centsOf(fields.postMoneyValuation);
  const amount = purchase.derived?.term === "amount" ? purchase.derived.text : fields.amount;
  return {
    companyId: Number(fields.company),
    round: fields.round.trim(),
    investmentDate: fields.date,
    amountCents: centsOf(amount) ?? amount,
    ...(ownership === null ? {} : { ownership }),
    ...(postMoneyValuationCents === null ? {} : { postMoneyValuationCents }),
  };
}

/** The lot as it is sent: only what was typed, so that the server derives the third term itself. */
export function lotBody(fields: InvestmentFields, investmentId: number): NewLot {
  const costBasisCents = centsOf(fields.amount);
  const sharePriceCents = priceCentsOf(fields.price);
  const sharesAcquired = sharesOf(fields.shares);
  const shareClass = fields.shareClass.trim();
  return {
    investmentId,
    lotType: fields.lotType as NewLot["lotType"],
    purchaseDate: fields.date,
    ...(costBasisCents === null ? {} : { costBasisCents }),
    ...(sharePriceCents === null ? {} : { sharePriceCents }),
    ...(sharesAcquired === null ? {} : { sharesAcquired }),
    ...(shareClass === "" ? {} : { shareClass }),
  };
}

const FIELD_OF_PATH: Readonly<Record<string, FieldName>> = {
  companyId: "company",
  round: "round",
  investmentDate: "date",
  purchaseDate: "date",
  amountCents: "amount",
  costBasisCents: "amount",
  sharePriceCents: "price",
  sharesAcquired: "shares",
  lotType: "lotType",
  shareClass: "shareClass",
  ownership: "ownershipPercent",
  postMoneyValuationCents: "postMoneyValuation",
};

export type FieldProblems = Readonly<Partial<Record<FieldName, string>>>;

/** What the server found, at the fields of the form that it concerns. */
export function problemsOf(failure: RequestFailed): FieldProblems {
  const found = (failure.problem.details ?? []).flatMap(({ path, message }) => {
    const field = FIELD_OF_PATH[path];
    return field ? [[field, asSentence(message)] as const] : [];
  });
  return Object.fromEntries(found);
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}`.replace(/\.?$/, ".");
}
