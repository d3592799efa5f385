import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import { type ChosenFile, sentName } from "./chosen-file";
import type { FundImport, ImportList, ImportMapping, ImportReport } from "./wire";

const IMPORTS_PER_PAGE = 10;

/** Answers by the id of their question. */
export type Answers = Readonly<Record<string, string>>;

/** Where a check's key has the id of its file. */
const FILE_IN_KEY = 3;

/** What every check of a file for a fund begins with. */
export function checksKey(fundId: number) {
  return ["funds", fundId, "import-check"] as const;
}

/** A file compared with the fund; nothing is written. */
export function checkQuery(fundId: number, file: ChosenFile, answers: Answers) {
  return queryOptions({
    queryKey: [...checksKey(fundId), file.id, answers],
    queryFn: async ({ signal }): Promise<ImportReport> => {
      const query = { ...sent(file, answers), dryRun: true };
      const params = { path: { fundId }, query };
      const answer = api.POST("/api/funds/{fundId}/import", { params, ...upload(file), signal });
      return (await body<unknown>(answer)) as ImportReport;
    },
    // What is known of the same file stays in view while it is checked with other answers.
    placeholderData: (previous: ImportReport | undefined, query) =>
      query?.queryKey[FILE_IN_KEY] === file.id ? previous : undefined,
    // A file is sent again when somebody asks, or when the fund has changed; not because the page has the focus again.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: false,
    // Without a connection it fails at once and says so, rather than to wait for one in silence.
    networkMode: "always",
  });
}

/** Writes a file into the fund, as a whole or not at all. The key makes a repeated request the same one. */
export async function applyImport(
  fundId: number,
  file: ChosenFile,
  answers: Answers,
  key: string,
): Promise<FundImport> {
  const params = {
    path: { fundId },
    query: sent(file, answers),
    header: { "Idempotency-Key": key },
  };
  const answer = api.POST("/api/funds/{fundId}/import", { params, ...upload(file) });
  return (await body<unknown>(answer)) as FundImport;
}

function sent(file: ChosenFile, answers: Answers) {
  const given = Object.keys(answers).length > 0 ? { answers: JSON.stringify(answers) } : {};
  return { name: sentName(file.name), ...given };
}

/** The bytes as they are; the description of the API has no better type for them than text. */
function upload({ content }: ChosenFile) {
  return {
    body: content as unknown as string,
    bodySerializer: (bytes: unknown) => bytes as Blob,
    headers: { "Content-Type": "application/octet-stream" },
  };
}

export function importsQuery(fundId: number) {
  return infiniteQueryOptions({
    queryKey: ["funds", fundId, "imports"],
    queryFn: ({ signal, pageParam }): Promise<ImportList> => {
      const query = {
        limit: IMPORTS_PER_PAGE,
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      const params = { path: { fundId }, query };
      return body(api.GET("/api/funds/{fundId}/imports", { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ pagination }) => pagination.nextCursor,
  });
}

/** Takes an import back. */
export function undoImport(fundId: number, importId: string): Promise<FundImport> {
  const params = { path: { fundId, importId } };
  return body(api.POST("/api/funds/{fundId}/imports/{importId}/undo", { params }));
}

/** What the fund has said about its spreadsheets. */
export function mappingQuery(fundId: number) {
  return queryOptions({
    queryKey: ["funds", fundId, "import-mapping"],
    queryFn: ({ signal }): Promise<ImportMapping> => readMapping(fundId, signal),
  });
}

export function readMapping(fundId: number, signal?: AbortSignal): Promise<ImportMapping> {
  const params = { path: { fundId } };
  return body(
    api.GET("/api/funds/{fundId}/import-mapping", { params, ...(signal ? { signal } : {}) }),
  );
}

/** Saves a mapping, if nobody has saved another since the version that it carries. */
export function saveMapping(fundId: number, mapping: ImportMapping): Promise<ImportMapping> {
  const params = { path: { fundId } };
  return body(api.PUT("/api/funds/{fundId}/import-mapping", { params, body: mapping }));
}
