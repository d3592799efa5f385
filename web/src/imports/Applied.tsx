import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { doneText } from "./count-words";
import { FailurePanel } from "./FailurePanel";
import classes from "./imports.module.css";
import { importsQuery } from "./queries";
import { UndoButton, useUndo } from "./UndoImport";
import type { FundImport } from "./wire";

interface Props {
  readonly applied: FundImport;
  /** Told at once; the list of imports knows a moment later. */
  readonly onUndone?: (undone: FundImport) => void;
}

/** What an import has just done, and where to see it or to take it back. */
export function Applied({ applied, onUndone }: Props) {
  const undo = useUndo(applied, onUndone);
  const panel = useRef<HTMLDivElement>(null);
  // The list of imports knows of an undoing that was asked for there.
  const pages = useInfiniteQuery(importsQuery(applied.fundId)).data?.pages ?? [];
  const listed = pages.flatMap(({ imports }) => imports).find(({ id }) => id === applied.id);
  const isUndone = (applied.undoneAt ?? listed?.undoneAt) != null;
  // The button that was pressed is gone; who goes on by keyboard goes on from here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for the import, once more when it is taken back
  useEffect(() => panel.current?.focus(), [applied.id, isUndone]);
  return (
    <div ref={panel} role="status" tabIndex={-1} className={classes.applied}>
      <strong>{isUndone ? `${applied.name} is undone` : `${applied.name} is applied`}</strong>
      <p>
        {isUndone
          ? "What it made is withdrawn, and what it changed is as before."
          : doneText(applied.counts)}
      </p>
      <div className={classes.actions}>
        <Link to="/funds/$fundId" params={{ fundId: String(applied.fundId) }}>
          Open the portfolio
        </Link>
        {!isUndone && <UndoButton of={applied} undo={undo} />}
      </div>
      {undo.error && <FailurePanel error={undo.error} doing="undo" onRetry={() => undo.mutate()} />}
    </div>
  );
}
