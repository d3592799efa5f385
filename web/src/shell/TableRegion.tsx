import type { ReactNode } from "react";
import classes from "./TableRegion.module.css";

/** A table that scrolls sideways in itself where the page is narrow, and can be reached by keyboard for it. */
export function TableRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.region} aria-label={label} tabIndex={0}>
      <table className={classes.table}>{children}</table>
    </section>
  );
}
