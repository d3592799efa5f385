import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Company = Schemas["Company"];
export type CompanyLenses = Schemas["CompanyLenses"];
export type Investment = Schemas["Investment"];
export type Lot = Schemas["Lot"];
export type Policy = Schemas["Policy"];
