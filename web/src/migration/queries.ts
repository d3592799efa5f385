import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { FundImport } from "../imports/wire";
import type { MigrationReport, MigrationTerms } from "./wire";

const URL = "/api/funds/{fundId}/migrations/lots";

/** What would become of the legacy investments; nothing is written. */
export function rehearsalQuery(fundId: number, terms: MigrationTerms) {
  return queryOptions({
    queryKey: ["funds", fundId, "lot-migration", terms],
    queryFn: async ({ signal }): Promise<MigrationReport> => {
      const params = { path: { fundId } };
      const answer = api.POST(URL, { params, body: { ...terms, dryRun: true }, signal });
      return (await body<unknown>(answer)) as MigrationReport;
    },
    // The fields stay in view while what they hold is worked out.
    placeholderData: (previous: MigrationReport | undefined, query) =>
      query?.queryKey[1] === fundId ? previous : undefined,
    retry: false,
    // Without a connection it fails at once and says so.
    networkMode: "always",
  });
}

/** Writes what can be migrated, as a whole or not at all. The key makes a repeated request the same one. */
export async function migrate(
  fundId: number,
  terms: MigrationTerms,
  key: string,
): Promise<FundImport> {
  const params = { path: { fundId }, header: { "Idempotency-Key": key } };
  const answer = api.POST(URL, { params, body: { ...terms, dryRun: false } });
  return (await body<unknown>(answer)) as FundImport;
}
