import { Fragment } from "react";
import { shortestDecimal } from "../money/decimal";
import { formatCents } from "../money/format";
import classes from "./Derivation.module.css";
import type { Lens, LensColumn } from "./lens";
import { flagTexts, reasonText } from "./reasons";

interface Props {
  readonly of: string;
  readonly column: LensColumn;
  readonly lens: Lens;
  readonly currency: string;
  /** What can be done from here. */
  readonly hint?: string | undefined;
}

/** How a multiple came about, or why there is none: what a tooltip on a number says. */
export function Derivation({ of, column, lens, currency, hint }: Props) {
  const reason = reasonText(column.key, lens);
  const { numeratorCents, denominatorCents, value } = lens;
  const known: [term: string, figure: string][] = [];
  if (numeratorCents !== null) known.push(["Value", formatCents(numeratorCents, currency)]);
  if (denominatorCents !== null) known.push(["Cost", formatCents(denominatorCents, currency)]);
  if (value !== null) known.push(["Multiple", shortestDecimal(value)]);
  return (
    <span className={classes.derivation}>
      <span className={classes.subject}>
        {of} · {column.name}, gross
      </span>
      {reason !== null && <span className={classes.reason}>{reason}</span>}
      {known.length > 0 && (
        <span className={classes.figures}>
          {known.map(([term, figure]) => (
            <Fragment key={term}>
              <span className={classes.term}>{term}</span>
              <span>{figure}</span>
            </Fragment>
          ))}
        </span>
      )}
      {flagTexts(lens).map((text) => (
        <span key={text} className={classes.flag}>
          {text}
        </span>
      ))}
      {hint && <span className={classes.flag}>{hint}</span>}
    </span>
  );
}
