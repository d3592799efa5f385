import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type FundImport = Schemas["Import"];
export type ImportList = Schemas["ImportList"];
export type ImportChange = Schemas["ImportChange"];
export type ImportCounts = Schemas["ImportCounts"];
export type ImportDifference = Schemas["ImportDifference"];
export type ImportMapping = Schemas["ImportMapping"];
export type ImportProblem = Schemas["ImportProblem"];
export type ImportQuestion = Schemas["ImportQuestion"];
export type ImportSheet = Schemas["ImportSheet"];

export type ImportReport = Schemas["FileImportReport"];
