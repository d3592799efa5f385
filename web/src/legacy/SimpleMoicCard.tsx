import { Skeleton, Tooltip } from "@mantine/core";
import type { LegacyAmounts } from "../api/wire";
import { legacyReasonText } from "../lenses/reasons";
import { formatCents, formatCentsCompact } from "../money/format";
import card from "../shell/card.module.css";
import classes from "./SimpleMoicCard.module.css";

interface Props {
  /** Undefined while it loads. */
  readonly amounts: LegacyAmounts | undefined;
  readonly currency: string;
}

/** The simple MOIC, which is there whatever the flags say. */
export function SimpleMoicCard({ amounts, currency }: Props) {
  return (
    <section className={card.card} aria-labelledby="simple-moic" aria-busy={!amounts}>
      <header className={card.header}>
        <h2 id="simple-moic" className={card.title}>
          Simple MOIC
        </h2>
        <span className={card.aside}>gross</span>
      </header>
      {amounts ? <Figures amounts={amounts} currency={currency} /> : <Skeleton height={96} />}
    </section>
  );
}

function Figures({ amounts, currency }: { amounts: LegacyAmounts; currency: string }) {
  const { moic } = amounts;
  const parts = [
    ["Invested", amounts.investedCents],
    ["Realised", amounts.realisedCents],
    ["Unrealised", amounts.unrealisedCents],
  ] as const;
  return (
    <>
      <div className={classes.headline}>
        <Tooltip
          label={
            moic.display
              ? `${formatCents(moic.numeratorCents, currency)} ÷ ${formatCents(moic.denominatorCents, currency)}`
              : legacyReasonText(moic.reason)
          }
          events={{ hover: true, focus: true, touch: true }}
        >
          <button type="button" className={classes.multiple}>
            {moic.display ?? "n/a"}
          </button>
        </Tooltip>
        <span className={classes.basis}>
          ownership × latest valuation,
          <br />
          plus realised
        </span>
      </div>
      <dl className={classes.parts}>
        {parts.map(([name, cents]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatCentsCompact(cents, currency)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
