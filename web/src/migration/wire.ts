import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type LotMigration = Schemas["LotMigration"];
export type MigrationReport = Schemas["MigrationReport"];
export type MigratedInvestment = Schemas["MigratedInvestment"];
export type MigrationComparison = Schemas["MigrationComparison"];
export type DerivedLot = Schemas["DerivedLot"];
/** What is sent, but for whether it is written. */
export type MigrationTerms = Omit<LotMigration, "dryRun">;
