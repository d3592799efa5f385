import type { WireLens } from "../api/wire";
import { DerivedMultiple } from "../lenses/DerivedMultiple";
import type { LensKey } from "../lenses/lens";
import { lensOf } from "../lenses/report";
import { formatCents, formatDate, NO_AMOUNT } from "../money/format";
import { formatPrice, formatShares } from "../money/per-share";
import { TableRegion } from "../shell/TableRegion";
import classes from "./company.module.css";
import { firstPurchase } from "./derivation-rows";
import type { CompanyEvent } from "./event";
import { type LotMark, markOf } from "./lot-mark";
import { bucketOf, bucketWords, lotName } from "./lot-name";
import type { CompanyLensAnswer } from "./use-company-lenses";
import type { Lot, Policy } from "./wire";

interface Props {
  readonly lots: readonly Lot[];
  readonly events: readonly CompanyEvent[];
  /** Undefined while they load or are off: the purchases are shown all the same. */
  readonly lenses: CompanyLensAnswer["data"];
  readonly currency: string;
  readonly policy: Policy;
}

/** Every purchase with its terms, its bucket, its class's latest mark and its own multiples. */
export function LotTable({ lots, events, lenses, currency, policy }: Props) {
  const first = firstPurchase(lots);
  const multiples = new Map(lenses?.company?.lots.map((lot) => [lot.id, lot]));
  const byDate = lots.toSorted((a, b) => a.purchaseDate.localeCompare(b.purchaseDate));
  if (lots.length === 0) return <p className={classes.nothing}>No lots recorded yet.</p>;
  return (
    <TableRegion label="Lots and their terms">
      <thead>
        <tr>
          <th scope="col">Lot</th>
          <th scope="col">Bucket</th>
          <th scope="col" data-number>
            Shares bought
          </th>
          <th scope="col" data-number>
            Price per share
          </th>
          <th scope="col" data-number>
            Cost
          </th>
          <th scope="col" data-number>
            Latest mark
          </th>
          <th scope="col" data-number>
            Relieved cost
          </th>
          <th scope="col" data-number>
            Current
          </th>
          <th scope="col" data-number>
            At exit
          </th>
        </tr>
      </thead>
      <tbody>
        {byDate.map((lot) => {
          const own = multiples.get(lot.id);
          return (
            <tr key={lot.id}>
              <th scope="row">{lotName(lot)}</th>
              <td>{bucketWords(lot, bucketOf(lot, first, policy))}</td>
              <td data-number>
                {lot.sharesAcquired ? formatShares(lot.sharesAcquired) : NO_AMOUNT}
              </td>
              <td data-number>
                {lot.sharePriceCents ? formatPrice(lot.sharePriceCents, currency) : NO_AMOUNT}
              </td>
              <td data-number>{formatCents(lot.costBasisCents, currency)}</td>
              <td data-number>
                <MarkCell mark={markOf(lot, events, lenses?.asOf)} currency={currency} />
              </td>
              <td data-number>{own ? formatCents(own.relievedCostCents, currency) : NO_AMOUNT}</td>
              <td data-number>
                <LotMultiple
                  lot={lot}
                  lens={own?.current_moic}
                  of="current_moic"
                  currency={currency}
                />
              </td>
              <td data-number>
                <LotMultiple lot={lot} lens={own?.exit_moic} of="exit_moic" currency={currency} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </TableRegion>
  );
}

/** The mark as it was entered, of the class that the lot is held in by then, and its day. */
function MarkCell({ mark, currency }: { mark: LotMark | null; currency: string }) {
  if (!mark) return NO_AMOUNT;
  const isOwn = "valueCents" in mark;
  return (
    <>
      {isOwn
        ? `${formatCents(mark.valueCents, currency)} in all`
        : formatPrice(mark.sharePriceCents, currency)}
      <span className={classes.detail}>
        {isOwn ? formatDate(mark.date) : `${mark.shareClass}, ${formatDate(mark.date)}`}
      </span>
    </>
  );
}

interface LotMultipleProps {
  readonly lot: Lot;
  readonly lens: WireLens | undefined;
  readonly of: LensKey;
  readonly currency: string;
}

function LotMultiple({ lot, lens, of, currency }: LotMultipleProps) {
  if (!lens) return NO_AMOUNT;
  return <DerivedMultiple of={lotName(lot)} lensKey={of} lens={lensOf(lens)} currency={currency} />;
}
