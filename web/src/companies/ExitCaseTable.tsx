import { formatCents, NO_AMOUNT } from "../money/format";
import { formatPrice } from "../money/per-share";
import { TableRegion } from "../shell/TableRegion";
import classes from "./ExitCaseTable.module.css";
import { type CaseDocument, caseRows, type PlannedReserve } from "./exit-case";
import { lotName } from "./lot-name";
import type { Lot } from "./wire";

interface Props {
  readonly exitCases: readonly CaseDocument[];
  readonly lots: readonly Lot[];
  readonly currency: string;
}

/** The futures side by side: what a share brings in each, and what would be invested on the way. */
export function ExitCaseTable({ exitCases, lots, currency }: Props) {
  if (exitCases.length === 0) {
    return <p className={classes.nothing}>No exit case entered, so the exit lenses are n/a.</p>;
  }
  const rows = caseRows(exitCases);
  const names = new Map(lots.map((lot) => [lot.id, lotName(lot)]));
  return (
    <TableRegion label="Exit cases side by side">
      <thead>
        <tr>
          <th scope="col">Per case</th>
          {exitCases.map((one) => (
            <th key={one.id} scope="col" data-number>
              {one.id} · probability {one.probability ?? "1"}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.shareClasses.map((shareClass) => (
          <tr key={shareClass}>
            <th scope="row">{shareClass}, exit price</th>
            {exitCases.map((one) => {
              const price = one.exitPricesCents?.[shareClass];
              return (
                <td key={one.id} data-number>
                  {price === undefined ? NO_AMOUNT : formatPrice(price, currency)}
                </td>
              );
            })}
          </tr>
        ))}
        {rows.lots.map((lot) => (
          <tr key={lot}>
            <th scope="row">{names.get(lot) ?? lot}, exit proceeds</th>
            {exitCases.map((one) => (
              <td key={one.id} data-number>
                {formatCents(one.lotProceedsCents?.[lot], currency)}
              </td>
            ))}
          </tr>
        ))}
        {rows.reserves.map((id) => (
          <tr key={id}>
            <th scope="row">{id}, planned reserve</th>
            {exitCases.map((one) => (
              <td key={one.id} data-number>
                <Reserve
                  reserve={one.plannedReserves?.find((planned) => planned.id === id)}
                  currency={currency}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </TableRegion>
  );
}

function Reserve(props: { reserve: PlannedReserve | undefined; currency: string }) {
  const { reserve, currency } = props;
  if (!reserve) return NO_AMOUNT;
  const price = reserve.sharePriceCents && formatPrice(reserve.sharePriceCents, currency);
  const terms = [
    [price, reserve.shareClass].filter(Boolean).join(" "),
    reserve.exitProceedsCents && `returns ${formatCents(reserve.exitProceedsCents, currency)}`,
    `deployed with ${reserve.deployProbability ?? "1"}`,
  ];
  return (
    <>
      {formatCents(reserve.amountCents, currency)}
      <span className={classes.terms}>{terms.filter(Boolean).join(" · ")}</span>
    </>
  );
}
