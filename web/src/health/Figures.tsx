import card from "../shell/card.module.css";
import classes from "./Figures.module.css";
import { NOT_MEASURED } from "./format";

/** One number with its name. */
export interface Figure {
  readonly label: string;
  /** As it is shown; null where it is not measured. */
  readonly value: string | null;
  /** Of which time, or of how many. */
  readonly note: string;
  /** Whether somebody should look at it. */
  readonly isBad?: boolean;
}

/** Numbers whose present value says enough. */
export function Figures({ label, figures }: { label: string; figures: readonly Figure[] }) {
  return (
    <section className={card.card} aria-label={label}>
      <dl className={classes.figures}>
        {figures.map(({ label, value, note, isBad }) => (
          <div key={label}>
            <dt>{label}</dt>
            {value === null ? (
              <dd className={classes.missing}>{NOT_MEASURED}</dd>
            ) : (
              <dd className={classes.value} data-bad={isBad || undefined}>
                {value}
              </dd>
            )}
            <dd className={classes.note}>{note}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
