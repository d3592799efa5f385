import { useState } from "react";
import { api, body } from "../api/client";
import { type Moment, momentParameters } from "../api/queries";
import classes from "./Downloads.module.css";
import type { LensTableShown, SimpleTableShown } from "./report-csv";
import { saveFile } from "./save-file";

interface Props {
  readonly fundId: number;
  readonly moment: Moment;
  readonly report: LensTableShown | SimpleTableShown;
}

type Answer = Promise<{ data?: Blob; error?: unknown; response: Response }>;

/** The table as it is shown, as CSV; what is behind it, as workbook, lots or portfolio document. */
export function Downloads({ fundId, moment, report }: Props) {
  const [error, setError] = useState<Error | null>(null);
  const params = { path: { fundId }, query: momentParameters(moment) };

  async function download(save: () => Promise<void>): Promise<void> {
    setError(null);
    try {
      await save();
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  async function saveCsv(): Promise<void> {
    const { reportCsv } = await import("./report-csv");
    const content = new Blob([reportCsv(report)], { type: "text/csv;charset=utf-8" });
    const name = report.kind === "lenses" ? `lenses-${report.report.asOf}` : "simple-moic";
    saveFile(`fund-${fundId}-${name}.csv`, content);
  }

  async function saveJson(): Promise<void> {
    await saveAnswer(
      api.GET("/api/funds/{fundId}/export.json", { params, parseAs: "blob" }),
      "json",
    );
  }

  async function saveWorkbook(): Promise<void> {
    await saveAnswer(
      api.GET("/api/funds/{fundId}/export.xlsx", { params, parseAs: "blob" }),
      "xlsx",
    );
  }

  async function saveFacts(): Promise<void> {
    const ofFacts = { ...params, query: { ...params.query, content: "facts" as const } };
    await saveAnswer(
      api.GET("/api/funds/{fundId}/export.xlsx", { params: ofFacts, parseAs: "blob" }),
      "xlsx",
    );
  }

  async function saveLots(): Promise<void> {
    await saveAnswer(api.GET("/api/funds/{fundId}/export.csv", { params, parseAs: "blob" }), "csv");
  }

  /** What the server wrote, under the name that it gave it. */
  async function saveAnswer(answer: Answer, extension: string): Promise<void> {
    const content = await body(answer);
    const { response } = await answer;
    const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    saveFile(named?.[1] ?? `fund-${fundId}.${extension}`, content);
  }

  const choices = [
    { label: "CSV", title: "The table as it is shown", save: saveCsv },
    {
      label: "XLSX",
      title: "A workbook: the facts, with the lenses as live formulas while they are on",
      save: saveWorkbook,
    },
    {
      label: "Facts (XLSX)",
      title: "A workbook of the facts alone, in the import template: what the import takes back",
      save: saveFacts,
    },
    {
      label: "Lots (CSV)",
      title: "The lots as CSV, in the columns of the import template",
      save: saveLots,
    },
    {
      label: "JSON",
      title: "The portfolio: lots, events and exit cases, as lotwise moic reads it",
      save: saveJson,
    },
  ];
  return (
    <span className={classes.downloads}>
      Download
      {choices.map(({ label, title, save }) => (
        <button
          key={label}
          type="button"
          title={title}
          className={classes.download}
          onClick={() => void download(save)}
        >
          {label}
        </button>
      ))}
      {error && (
        <span role="alert" className={classes.failure}>
          The download failed: {error.message}
        </span>
      )}
    </span>
  );
}
