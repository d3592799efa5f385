import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { type Moment, momentParameters } from "../api/queries";
import type { components } from "../api/schema";

export type LotType = "initial" | "follow_on" | "secondary";

/** What a lot is, beside its multiples. */
export interface LotFacts {
  readonly id: string;
  readonly lotType: LotType;
  readonly instrument: string;
  readonly shareClass: string | null;
  readonly purchaseDate: string;
  readonly shares: string | null;
  /** Cents per share. */
  readonly price: string | null;
}

interface Asked {
  readonly fundId: number;
  readonly companyId: number;
  readonly moment: Moment;
  /** The lots that the report has of the company. */
  readonly lotIds: readonly string[];
}

const LOTS_PER_PAGE = 100;

/**
 * The facts of a company's lots. The list of lots has them as they are now; lots as they were known earlier, and those that
 * came from the exercise of a warrant, stand only in the portfolio document, which is as long as the fund.
 */
export function lotFactsQuery({ fundId, companyId, moment, lotIds }: Asked) {
  const { asOf = "today", knownAt = "now" } = moment;
  return queryOptions({
    queryKey: ["funds", fundId, "lots", companyId, asOf, knownAt, lotIds],
    queryFn: async ({ signal }): Promise<LotFacts[]> => {
      const listed =
        moment.knownAt === undefined ? await listedLots(fundId, companyId, signal) : [];
      const ids = new Set(listed.map(({ id }) => id));
      if (lotIds.every((id) => ids.has(id))) return listed;
      const params = { path: { fundId }, query: momentParameters(moment) };
      const document = await body(api.GET("/api/funds/{fundId}/export.json", { params, signal }));
      return documentLots(document as PortfolioDocument, String(companyId));
    },
  });
}

async function listedLots(
  fundId: number,
  companyId: number,
  signal: AbortSignal,
): Promise<LotFacts[]> {
  const lots: components["schemas"]["Lot"][] = [];
  let cursor: string | undefined;
  do {
    const query = { companyId, limit: LOTS_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const params = { path: { fundId }, query };
    const page = await body(api.GET("/api/funds/{fundId}/portfolio/lots", { params, signal }));
    lots.push(...page.lots);
    cursor = page.pagination.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return lots.map((lot) => ({
    id: lot.id,
    lotType: lot.lotType as LotType,
    instrument: lot.instrument,
    shareClass: lot.shareClass ?? null,
    purchaseDate: lot.purchaseDate,
    shares: lot.sharesAcquired ?? null,
    price: lot.sharePriceCents ?? null,
  }));
}

/** The part of the portfolio document that is read here. */
interface PortfolioDocument {
  readonly companies: readonly {
    readonly id: string;
    readonly lots: readonly {
      readonly id: string;
      readonly lotType: LotType;
      readonly instrument?: string;
      readonly shareClass?: string | null;
      readonly purchaseDate: string;
      readonly sharesAcquired?: string | null;
      readonly sharePriceCents?: string | null;
    }[];
    readonly events: readonly {
      readonly type: string;
      readonly date: string;
      readonly newLot?: string;
      readonly lotType?: LotType;
    }[];
  }[];
}

/** The lots of a company in a portfolio document, those from exercised warrants among them. */
export function documentLots(document: PortfolioDocument, companyId: string): LotFacts[] {
  const company = document.companies.find(({ id }) => id === companyId);
  if (!company) return [];
  const bought = company.lots.map((lot) => ({
    id: lot.id,
    lotType: lot.lotType,
    instrument: lot.instrument ?? "equity",
    shareClass: lot.shareClass ?? null,
    purchaseDate: lot.purchaseDate,
    shares: lot.sharesAcquired ?? null,
    price: lot.sharePriceCents ?? null,
  }));
  const exercised = company.events.flatMap(({ type, date, newLot, lotType }) =>
    type === "exercise" && newLot !== undefined && lotType !== undefined
      ? [
          {
            id: newLot,
            lotType,
            instrument: "equity, from a warrant",
            shareClass: null,
            purchaseDate: date,
            shares: null,
            price: null,
          },
        ]
      : [],
  );
  return [...bought, ...exercised];
}
