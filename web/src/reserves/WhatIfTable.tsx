import { VisuallyHidden } from "@mantine/core";
import type { Lens, LensKey } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import { formatCents } from "../money/format";
import { TableRegion } from "../shell/TableRegion";
import type { Ranking } from "./ranking";
import classes from "./WhatIf.module.css";
import { differences } from "./what-if";

const PLANNED = "exit_moic_planned_reserves";

interface Props {
  readonly before: Ranking;
  readonly after: Ranking;
  readonly currency: string;
  /** The figures are those of the sliders before. */
  readonly isComputing: boolean;
}

/** Before and after, of every company that the sliders change and of the fund. */
export function WhatIfTable({ before, after, currency, isComputing }: Props) {
  const changed = differences(before, after);
  const others = after.companies.length - changed.length;
  return (
    <>
      <TableRegion label="What if: before and after, gross">
        <thead>
          <tr>
            <th scope="col">Company</th>
            <th scope="col" data-number>
              Rank
            </th>
            <th scope="col" data-number>
              Exit MOIC on planned
            </th>
            <th scope="col" data-number>
              Expected cost
            </th>
            <th scope="col" data-number>
              Expected proceeds
            </th>
          </tr>
        </thead>
        <tbody>
          {changed.map(({ before, after }) => (
            <tr key={after.id}>
              <th scope="row">{after.name}</th>
              <td data-number>
                <Change from={before.rank ?? "–"} to={after.rank ?? "–"} />
              </td>
              <Figures before={before.planned} after={after.planned} currency={currency} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Fund, planned reserves</th>
            <td />
            <Figures before={before.fund.planned} after={after.fund.planned} currency={currency} />
          </tr>
          <tr>
            <th scope="row">Fund, exit MOIC of all</th>
            <td />
            <Figures
              before={before.fund.exit}
              after={after.fund.exit}
              currency={currency}
              lensKey="exit_moic"
            />
          </tr>
        </tfoot>
      </TableRegion>
      <p role="status" className={classes.note}>
        {isComputing ? "Computing…" : `What if: nothing is saved. ${unchanged(others)}`}
      </p>
    </>
  );
}

function unchanged(count: number): string {
  return count === 0
    ? "Every company is changed."
    : `${count} ${count === 1 ? "company is" : "companies are"} as planned.`;
}

interface FiguresProps {
  readonly before: Lens;
  readonly after: Lens;
  readonly currency: string;
  readonly lensKey?: LensKey;
}

function Figures({ before, after, currency, lensKey = PLANNED }: FiguresProps) {
  const cents = (amount: string | null) => formatCents(amount, currency);
  return (
    <>
      <td data-number>
        <Change
          from={<Multiple lensKey={lensKey} lens={before} />}
          to={<Multiple lensKey={lensKey} lens={after} />}
          isSame={before.display === after.display}
        />
      </td>
      <td data-number>
        <Change from={cents(before.denominatorCents)} to={cents(after.denominatorCents)} />
      </td>
      <td data-number>
        <Change from={cents(before.numeratorCents)} to={cents(after.numeratorCents)} />
      </td>
    </>
  );
}

interface ChangeProps {
  readonly from: React.ReactNode;
  readonly to: React.ReactNode;
  readonly isSame?: boolean;
}

function Change({ from, to, isSame = from === to }: ChangeProps) {
  if (isSame) return to;
  return (
    <>
      <span className={classes.before}>{from}</span>
      <span aria-hidden="true"> → </span>
      <VisuallyHidden> becomes </VisuallyHidden>
      <strong>{to}</strong>
    </>
  );
}
