import { api, body } from "../api/client";
import type { PartialSale, PartialSaleValuation } from "./wire";

/** The least valuation at which selling a part is as good as holding. Nothing is written. */
export async function valuePartialSale(
  fundId: number,
  asked: PartialSale,
): Promise<PartialSaleValuation> {
  const params = { path: { fundId } };
  return body(api.POST("/api/funds/{fundId}/analysis/partial-sale", { params, body: asked }));
}
