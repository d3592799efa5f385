import { isDecimal } from "../money/decimal";
import { formatCents, formatDate, formatPercent, NO_AMOUNT } from "../money/format";
import { TableRegion } from "../shell/TableRegion";
import type { Investment } from "./wire";

interface Props {
  readonly investments: readonly Investment[];
  readonly currency: string;
}

/** The cheques as the simple MOIC knows them. */
export function InvestmentTable({ investments, currency }: Props) {
  const byDate = investments.toSorted((a, b) => a.investmentDate.localeCompare(b.investmentDate));
  return (
    <TableRegion label="Cheques by date">
      <thead>
        <tr>
          <th scope="col">Round</th>
          <th scope="col">Date</th>
          <th scope="col" data-number>
            Amount
          </th>
          <th scope="col" data-number>
            Ownership
          </th>
          <th scope="col" data-number>
            Post-money valuation
          </th>
        </tr>
      </thead>
      <tbody>
        {byDate.map((investment) => (
          <tr key={investment.id}>
            <th scope="row">{investment.round}</th>
            <td>{formatDate(investment.investmentDate)}</td>
            <td data-number>{formatCents(investment.amountCents, currency)}</td>
            <td data-number>{share(investment.ownership)}</td>
            <td data-number>{formatCents(investment.postMoneyValuationCents, currency)}</td>
          </tr>
        ))}
      </tbody>
    </TableRegion>
  );
}

/** Ownership may also be an exact fraction, which stays as it was written. */
function share(ownership: string | null | undefined): string {
  if (!ownership) return NO_AMOUNT;
  return isDecimal(ownership) ? formatPercent(ownership) : ownership;
}
