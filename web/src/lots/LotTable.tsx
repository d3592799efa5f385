import type { Lens, LensKey } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import type { CompanyLenses } from "../lenses/report";
import { formatCents, formatDate } from "../money/format";
import type { BrokenDownLot, LotGroup } from "./breakdown";
import classes from "./Lots.module.css";
import { formatPrice, formatShares } from "./share-format";

interface Props {
  readonly groups: readonly LotGroup[];
  readonly lenses: CompanyLenses;
  readonly currency: string;
}

const COLUMNS = 6;

/** A company's lots by type with their sums, then its planned reserves, each with the money its multiples come from. */
export function LotTable({ groups, lenses, currency }: Props) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.scroller} aria-label="Lots" tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Lot</th>
              <th scope="col">Cost</th>
              <th scope="col">Value today</th>
              <th scope="col">MOIC</th>
              <th scope="col">Expected at exit</th>
              <th scope="col">MOIC</th>
            </tr>
          </thead>
          {groups.map((group) => (
            <Group key={group.type} group={group} currency={currency} />
          ))}
          <Reserves reserves={lenses.reserves} currency={currency} />
        </table>
      </section>
      <p className={classes.footnote}>
        MOIC is value or expected proceeds over cost, realised proceeds included. Of the expected
        proceeds and of planned reserves each exit case counts by its probability.
      </p>
    </>
  );
}

function Group({ group, currency }: { group: LotGroup; currency: string }) {
  const count = group.lots.length === 1 ? "1 lot" : `${group.lots.length} lots`;
  return (
    <tbody>
      <tr className={classes.group}>
        <th scope="rowgroup" colSpan={COLUMNS}>
          {group.name} <span className={classes.count}>{count}</span>
        </th>
      </tr>
      {group.lots.map((lot) => (
        <Lot key={lot.lot.id} lot={lot} currency={currency} />
      ))}
      <tr className={classes.sum}>
        <th scope="row">Sum</th>
        <td>{formatCents(group.costCents, currency)}</td>
        <td>{formatCents(group.valueCents, currency)}</td>
        <td />
        <td>{formatCents(group.expectedCents, currency)}</td>
        <td />
      </tr>
    </tbody>
  );
}

function Lot({
  lot: { lot, facts, countsAs },
  currency,
}: {
  lot: BrokenDownLot;
  currency: string;
}) {
  return (
    <tr>
      <th scope="row">
        {facts ? formatDate(facts.purchaseDate) : lot.id}
        <span className={classes.remark}>
          {facts && [facts.shareClass, facts.instrument].filter(Boolean).join(", ")}
          {countsAs && `, counts as ${countsAs}`}
        </span>
      </th>
      <td>
        {formatCents(lot.current.denominatorCents, currency)}
        {facts?.shares && facts.price && (
          <span className={classes.remark}>
            {formatShares(facts.shares)} × {formatPrice(facts.price, currency)}
          </span>
        )}
      </td>
      <td>{formatCents(lot.current.numeratorCents, currency)}</td>
      <MultipleCell lens={lot.current} lensKey="current_moic" />
      <td>{formatCents(lot.exit.numeratorCents, currency)}</td>
      <MultipleCell lens={lot.exit} lensKey="exit_moic" />
    </tr>
  );
}

function Reserves(props: { reserves: CompanyLenses["reserves"]; currency: string }) {
  const { reserves, currency } = props;
  if (reserves.length === 0) return null;
  return (
    <tbody>
      <tr className={classes.group}>
        <th scope="rowgroup" colSpan={COLUMNS}>
          Planned reserves <span className={classes.count}>not spent yet</span>
        </th>
      </tr>
      {reserves.map(({ id, exit }) => (
        <tr key={id}>
          <th scope="row">{id}</th>
          <td>{formatCents(exit.denominatorCents, currency)}</td>
          <td>–</td>
          <td>–</td>
          <td>{formatCents(exit.numeratorCents, currency)}</td>
          <MultipleCell lens={exit} lensKey="exit_moic_planned_reserves" />
        </tr>
      ))}
    </tbody>
  );
}

function MultipleCell({ lens, lensKey }: { lens: Lens; lensKey: LensKey }) {
  return (
    <td>
      <strong>
        <Multiple lensKey={lensKey} lens={lens} />
      </strong>
    </td>
  );
}
