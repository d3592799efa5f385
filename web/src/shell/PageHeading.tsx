import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./PageHeading.module.css";

interface Props {
  readonly title: string;
  readonly facts?: ReactNode;
  /** The fund that the page belongs to, with a way back to its portfolio; none for a page that stands for itself. */
  readonly fund?: { readonly id: number; readonly name: string | undefined };
  readonly children?: ReactNode;
}

/** The head of a page: where it belongs, its name, a line of facts, and what can be done. */
export function PageHeading({ title, facts, fund, children }: Props) {
  return (
    <div className={classes.heading}>
      {fund && (
        <p className={classes.way}>
          <Link to="/funds/$fundId" params={{ fundId: String(fund.id) }}>
            {fund.name ?? "Portfolio"}
          </Link>
        </p>
      )}
      <div className={classes.line}>
        <h1 className={classes.title}>{title}</h1>
        {facts && <p className={classes.facts}>{facts}</p>}
        {children && <div className={classes.actions}>{children}</div>}
      </div>
    </div>
  );
}
