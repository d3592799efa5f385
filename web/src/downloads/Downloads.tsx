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

/** The table as it is shown, as CSV; the portfolio behind it, as JSON. */
export function Downloads({ fundId, moment, report }: Props) {
  const [error, setError] = useState<Error | null>(null);

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
    const params = { path: { fundId }, query: momentParameters(moment) };
    const answer = api.GET("/api/funds/{fundId}/export.json", { params, parseAs: "blob" });
    const content = await body(answer);
    const { response } = await answer;
    const named = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    saveFile(named?.[1] ?? `fund-${fundId}.json`, content);
  }

  return (
    <span className={classes.downloads}>
      Download
      <button
        type="button"
        title="The table as it is shown"
        className={classes.download}
        onClick={() => void download(saveCsv)}
      >
        CSV
      </button>
      <button
        type="button"
        title="The portfolio: lots, events and exit cases, as lotwise moic reads it"
        className={classes.download}
        onClick={() => void download(saveJson)}
      >
        JSON
      </button>
      {error && (
        <span role="alert" className={classes.failure}>
          The download failed: {error.message}
        </span>
      )}
    </span>
  );
}
