import { FEATURE, wishName } from "../flags/overrides";
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
      {off.isOwnWish ? (
        <p className={classes.explanation}>
          <strong>You left the seven lenses in this browser.</strong> The simple MOIC of each
          company is shown below instead.{" "}
          {/* A new load, with the wish in the address: every part of the page then knows of it. */}
          <a href={`?${wishName(FEATURE)}=1`}>Switch the lenses on again</a>
        </p>
      ) : (
        <p className={classes.explanation}>
          <strong>{off.message}.</strong> The simple MOIC of each company is shown below instead.
          Nothing is lost: the lenses return as soon as the feature is switched on again.
        </p>
      )}
    </section>
  );
}
