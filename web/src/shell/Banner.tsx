import type { ReactNode } from "react";
import classes from "./Banner.module.css";

/** Something that everybody has to know, above the page; not an error. */
export function Banner({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div role="status" className={classes.banner}>
      <strong>{title}</strong>
      {children !== undefined && <span>{children}</span>}
    </div>
  );
}
