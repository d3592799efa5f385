import type { ReactNode } from "react";
import classes from "./HealthPage.module.css";
import { RUNBOOKS_FOLDER, type Runbook } from "./runbooks";

interface Props {
  readonly title: string;
  /** One line: what is shown, and of whom. */
  readonly explanation: ReactNode;
  /** The pages for the alerts on what is shown. */
  readonly runbooks?: readonly Runbook[];
  readonly children: ReactNode;
}

/** A part of the page under its heading. */
export function Section({ title, explanation, runbooks = [], children }: Props) {
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.section}>{title}</h2>
        <p className={classes.explanation}>{explanation}</p>
        {runbooks.length > 0 && (
          <p className={classes.runbooks}>
            {runbooks.length === 1 ? "Runbook" : "Runbooks"} in <code>{RUNBOOKS_FOLDER}</code>:{" "}
            {runbooks.map((runbook, index) => (
              <span key={runbook}>
                {index > 0 && ", "}
                <code>{runbook}</code>
              </span>
            ))}
          </p>
        )}
      </div>
      {children}
    </>
  );
}
