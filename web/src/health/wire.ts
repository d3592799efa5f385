/** Names for what the page reads, as the server's own description has it. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type AuditVerification = Schemas["AuditVerification"];
export type Readiness = Schemas["Readiness"];
export type Rollout = Schemas["Rollout"];
export type ServiceHealth = Schemas["ServiceHealth"];
