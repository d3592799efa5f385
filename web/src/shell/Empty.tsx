import type { ReactNode } from "react";
import classes from "./Empty.module.css";

/** Nothing here yet, and what to do next. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.empty}>
      <h2 className={classes.title}>{title}</h2>
      <p>{children}</p>
    </section>
  );
}
