import { Tooltip } from "@mantine/core";
import { memo } from "react";
import { formatCentsCompact, formatDate, formatPercent } from "../money/format";
import { BetaBadge } from "../shell/BetaBadge";
import card from "../shell/card.module.css";
import { Derivation } from "./Derivation";
import classes from "./LensSummary.module.css";
import { LENS_GROUPS, type Lens, type LensColumn, type Lenses } from "./lens";
import { Multiple } from "./Multiple";

interface Props {
  readonly lenses: Lenses;
  readonly currency: string;
  readonly asOf: string;
  /** Priced cost over total cost, when unpriced companies are left out. */
  readonly coverage: string | null;
}

/** The fund's own seven lenses, each with what it is a ratio of. */
export const LensSummary = memo(function LensSummary(props: Props) {
  const { lenses, currency, asOf, coverage } = props;
  return (
    <section className={card.card} aria-labelledby="seven-lenses">
      <header className={card.header}>
        <h2 id="seven-lenses" className={card.title}>
          Seven lenses
        </h2>
        <BetaBadge />
        <span className={card.aside}>
          gross · as of {formatDate(asOf)}
          {coverage !== null &&
            coverage !== "1" &&
            ` · ${formatPercent(coverage)} of cost is priced`}
        </span>
      </header>
      <div className={classes.groups}>
        {LENS_GROUPS.map((group) => (
          <div key={group.id} className={classes.group} data-group={group.id}>
            <h3 className={classes.groupHeading}>{group.heading}</h3>
            <dl className={classes.figures}>
              {group.columns.map((column) => (
                <Figure
                  key={column.key}
                  column={column}
                  lens={lenses[column.key]}
                  currency={currency}
                />
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
});

function Figure(props: { column: LensColumn; lens: Lens; currency: string }) {
  const { column, lens, currency } = props;
  return (
    <div className={classes.figure}>
      <dt>{column.heading}</dt>
      <dd>
        <Tooltip
          label={<Derivation of="Fund" column={column} lens={lens} currency={currency} />}
          events={{ hover: true, focus: true, touch: true }}
        >
          <button type="button" className={classes.multiple}>
            <Multiple lensKey={column.key} lens={lens} />
          </button>
        </Tooltip>
        <span className={classes.terms}>
          {formatCentsCompact(lens.numeratorCents, currency)} ÷{" "}
          {formatCentsCompact(lens.denominatorCents, currency)}
        </span>
      </dd>
    </div>
  );
}
