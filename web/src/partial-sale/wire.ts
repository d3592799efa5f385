import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type PartialSale = Schemas["PartialSale"];
export type PartialSaleValuation = Schemas["PartialSaleValuation"];
/** What is asked, but for the company and the date, which are the page's. */
export type PartialSaleTerms = Omit<PartialSale, "companyId" | "asOf">;
