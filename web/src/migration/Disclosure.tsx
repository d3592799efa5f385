import type { ReactNode } from "react";
import classes from "./migration.module.css";

interface Props {
  readonly summary: string;
  /** The summary for those who do not see where it stands. */
  readonly label?: string;
  /** Something was typed in it, which is to be in view when the page is opened again. */
  readonly isTyped: boolean;
  readonly isInRow?: boolean;
  readonly children: ReactNode;
}

/** Fields that few need, behind a line. Once it is open, only a hand closes it. */
export function Disclosure({ summary, label, isTyped, isInRow = false, children }: Props) {
  return (
    <details
      className={classes.disclosure}
      data-in-row={isInRow || undefined}
      ref={isTyped ? open : undefined}
    >
      <summary aria-label={label}>{summary}</summary>
      {children}
    </details>
  );
}

function open(details: HTMLDetailsElement | null): void {
  if (details) details.open = true;
}
