import type { ReactNode } from "react";
import card from "./card.module.css";
import classes from "./FeatureOff.module.css";

interface Props {
  /** What is switched off: the heading of what would stand here. */
  readonly title: string;
  /** The server's own sentence. */
  readonly message: string;
  /** What there is instead. */
  readonly children: ReactNode;
}

/** In the place of something that its flag has closed: that it is off, and what there is meanwhile. */
export function FeatureOff({ title, message, children }: Props) {
  return (
    <section className={card.card} aria-label={title}>
      <header className={card.header}>
        <h2 className={card.title}>{title}</h2>
        <span className={card.aside}>switched off</span>
      </header>
      <p className={classes.message}>{message.replace(/\.?$/, ".")}</p>
      <div className={classes.instead}>{children}</div>
    </section>
  );
}
