import { Fragment } from "react";
import type { Lens, LensColumn } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import { flagTexts, reasonText } from "../lenses/reasons";
import { shortestDecimal } from "../money/decimal";
import { formatCents } from "../money/format";
import { TableRegion } from "../shell/TableRegion";
import type { DerivationRow } from "./derivation-rows";
import classes from "./LensDerivation.module.css";

interface Props {
  readonly column: LensColumn;
  readonly lens: Lens;
  readonly rows: readonly DerivationRow[];
  readonly currency: string;
}

/** A lens written out: the multiple, what it is the ratio of, and the lots and reserves that add up to both. */
export function LensDerivation({ column, lens, rows, currency }: Props) {
  const isExit = column.key.startsWith("exit");
  const reason = reasonText(column.key, lens);
  const value = formatCents(lens.numeratorCents, currency);
  const cost = formatCents(lens.denominatorCents, currency);
  return (
    <div id="lens-derivation" className={classes.derivation}>
      <p className={classes.sentence}>
        <strong>{column.name}</strong>{" "}
        {reason === null ? (
          <Fragment>
            {lens.display} = {value} / {cost}
          </Fragment>
        ) : (
          <Fragment>n/a. {reason}</Fragment>
        )}
      </p>
      <p className={classes.note}>
        {column.help}
        {lens.value !== null && ` Exactly ${shortestDecimal(lens.value)}, to 12 decimals.`}
        {flagTexts(lens).map((text) => ` ${text}`)}
      </p>
      {rows.length > 0 && (
        <TableRegion label={`${column.name}, lot by lot`}>
          <thead>
            <tr>
              <th scope="col">Lot or reserve</th>
              <th scope="col" data-number>
                {isExit ? "Realised and expected" : "Realised and unrealised"}
              </th>
              <th scope="col" data-number>
                Cost
              </th>
              <th scope="col" data-number>
                Multiple
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.kind} ${row.id}`}>
                <th scope="row">
                  {row.name}
                  {row.kind === "reserve" && <span className={classes.kind}> planned</span>}
                </th>
                <td data-number>{formatCents(row.lens.numeratorCents, currency)}</td>
                <td data-number>{formatCents(row.lens.denominatorCents, currency)}</td>
                <td data-number>
                  <Multiple lensKey={column.key} lens={row.lens} />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum, and its ratio</th>
              <td data-number>{value}</td>
              <td data-number>{cost}</td>
              <td data-number>
                <Multiple lensKey={column.key} lens={lens} />
              </td>
            </tr>
          </tfoot>
        </TableRegion>
      )}
    </div>
  );
}
