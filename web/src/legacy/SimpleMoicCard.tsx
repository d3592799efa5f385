import { Skeleton, Tooltip } from "@mantine/core";
import { memo } from "react";
import type { LegacyAmounts, LegacyMoic } from "../api/wire";
import { legacyReasonText } from "../lenses/reasons";
import { formatCents, formatCentsCompact } from "../money/format";
import card from "../shell/card.module.css";
import classes from "./SimpleMoicCard.module.css";

interface Props {
  /** Undefined while it loads. */
  readonly moic: LegacyMoic | undefined;
}

/** The simple MOIC, which is there whatever the flags say. */
export const SimpleMoicCard = memo(function SimpleMoicCard({ moic }: Props) {
  return (
    <section className={card.card} aria-labelledby="simple-moic" aria-busy={!moic}>
      <header className={card.header}>
        <h2 id="simple-moic" className={card.title}>
          Simple MOIC
        </h2>
        <span className={card.aside}>gross · latest</span>
      </header>
      {moic ? <Figures moic={moic} /> : <Skeleton height={96} />}
    </section>
  );
});

function Figures({ moic: { fund: amounts, companies, currency } }: { moic: LegacyMoic }) {
  const parts = [
    ["Invested", amounts.investedCents],
    ["Realised", amounts.realisedCents],
    ["Unrealised", amounts.unrealisedCents],
  ] as const;
  return (
    <>
      <div className={classes.headline}>
        <Tooltip
          label={explanation(amounts, companies, currency)}
          events={{ hover: true, focus: true, touch: true }}
        >
          <button type="button" className={classes.multiple} data-absent={!amounts.moic.display}>
            {amounts.moic.display ?? "n/a"}
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

function explanation(
  { moic }: LegacyAmounts,
  companies: LegacyMoic["companies"],
  currency: string,
): string {
  if (moic.display) {
    const value = formatCents(moic.numeratorCents, currency);
    return `${value} ÷ ${formatCents(moic.denominatorCents, currency)}`;
  }
  const alike = companies.filter((company) => company.moic.reason === moic.reason).length;
  return `${legacyReasonText(moic.reason)} (${alike} of ${companies.length} companies)`;
}
