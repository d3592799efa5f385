import card from "../shell/card.module.css";
import classes from "./FundPage.module.css";
import type { Off } from "./lens-state";

/** Stands in the place of the fund's lenses while the feature is off. */
export function SwitchedOff({ off }: { off: Off }) {
  return (
    <section className={card.card} aria-labelledby="seven-lenses">
      <header className={card.header}>
        <h2 id="seven-lenses" className={card.title}>
          Seven lenses
        </h2>
        <span className={card.aside}>switched off</span>
      </header>
      <p className={classes.explanation}>
        <strong>{off.message}.</strong> The simple MOIC of each company is shown below instead.
        Nothing is lost: the lenses return as soon as the feature is switched on again.
      </p>
    </section>
  );
}
