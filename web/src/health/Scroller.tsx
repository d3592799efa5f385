import type { ReactNode } from "react";
import table from "../shell/facts-table.module.css";

interface Props {
  readonly label: string;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A table that scrolls by itself where the page is narrower. */
export function Scroller({ label, className = "", children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={`${table.scroller} ${className}`} aria-label={label} tabIndex={0}>
      <table className={table.table}>{children}</table>
    </section>
  );
}
