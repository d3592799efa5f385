/** Names for what these pages read, as the server's own description has it. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A flag, with its definition as the object that it is. */
export type Flag = Omit<Schemas["Flag"], "definition"> & { readonly definition: JsonObject };
export type AuditEntry = Omit<Schemas["AuditEntry"], "details"> & { readonly details: JsonObject };
export type FlagChange = Omit<Schemas["FlagChange"], "body"> & { readonly body: JsonObject };
export type FlagDifference = Schemas["FlagDifference"];
export type FlagExplanation = Schemas["FlagExplanation"];
export type FlagFinding = Schemas["FlagFinding"];
export type FlagVersion = Schemas["FlagVersion"];
export type Invitation = Schemas["Invitation"];
