import { Button } from "@mantine/core";
import { useId } from "react";
import card from "../shell/card.module.css";
import { type ChosenFile, sizeText } from "./chosen-file";
import { changeCount, planText, unchangedCount } from "./count-words";
import classes from "./imports.module.css";
import { obstacleText } from "./obstacle";
import type { ImportReport } from "./wire";

interface Props {
  readonly file: ChosenFile;
  readonly report: ImportReport | undefined;
  readonly isChecking: boolean;
  readonly isApplying: boolean;
  readonly onApply: () => void;
  readonly onRemove: () => void;
}

const FORMATS: Readonly<Record<string, string>> = {
  csv: "CSV",
  xlsx: "XLSX",
  portfolio: "portfolio document",
  ocf: "Open Cap Table package",
};

/** The file, what would come of it, and the button that makes it so. */
export function FileCard({ file, report, isChecking, isApplying, onApply, onRemove }: Props) {
  const reasonId = useId();
  const isBusy = isChecking || isApplying;
  const obstacle = isChecking || !report ? null : obstacleText(report);
  const format = report && (FORMATS[report.format] ?? report.format);
  return (
    <section className={card.card} aria-label="File">
      <header className={card.header}>
        <h2 className={`${card.title} ${classes.fileName}`}>{file.name}</h2>
        <span className={classes.muted}>
          {[format, sizeText(file.content.size)].filter(Boolean).join(" · ")}
        </span>
        <Button
          size="compact-xs"
          variant="subtle"
          className={classes.remove ?? ""}
          disabled={isApplying}
          aria-label={`Remove ${file.name}`}
          onClick={onRemove}
        >
          Remove
        </Button>
      </header>
      <div role="status" className={classes.plan}>
        {isBusy ? (
          <>
            <progress className={classes.progress} aria-label="Progress" />{" "}
            {isApplying
              ? "Applying: everything is written at once, or nothing is."
              : "Reading the file and comparing it with the fund…"}
          </>
        ) : (
          <p className={classes.planText}>
            {report ? planOf(report, obstacle) : "It is not checked yet."}
          </p>
        )}
      </div>
      <div className={classes.actions}>
        <Button
          loading={isApplying}
          disabled={!report || isChecking || obstacle !== null}
          aria-describedby={reasonId}
          onClick={onApply}
        >
          Apply
        </Button>
        <span id={reasonId} className={classes.muted}>
          <strong className={classes.promise}>Nothing is written until you press Apply.</strong>{" "}
          {obstacle}
        </span>
      </div>
    </section>
  );
}

/** What would be done; nothing is known of that while the file cannot be read to its end. */
function planOf(report: ImportReport, obstacle: string | null): string {
  const isKnown = changeCount(report.counts) + unchangedCount(report.counts) > 0;
  if (isKnown || obstacle === null) return planText(report.counts);
  return "What it would change is compared once nothing stands in the way.";
}
