import { asSentence, withAmounts } from "../money/explained";
import { formatCents, formatDate } from "../money/format";
import { Section } from "../shell/Section";
import { TableRegion } from "../shell/TableRegion";
import classes from "./migration.module.css";
import { shareFieldId, toReview } from "./migration-text";
import type { MigratedInvestment } from "./wire";

interface Props {
  readonly investments: readonly MigratedInvestment[];
  readonly currency: string;
}

/** What somebody should look at before it is written: those above the threshold first, each leading to its row. */
export function ReviewList({ investments, currency }: Props) {
  const found = toReview(investments);
  if (found.length === 0) return null;
  return (
    <Section
      title="To look at first"
      aside="those above the threshold first; what has its shares becomes a lot all the same"
    >
      <TableRegion label="Investments to look at first">
        <thead>
          <tr>
            <th scope="col">Investment</th>
            <th scope="col">Why</th>
            <th scope="col">Date</th>
            <th scope="col" data-number>
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ investmentId, company, round, investmentDate, amountCents, review }) => (
            <tr key={investmentId}>
              <th scope="row">
                <button
                  type="button"
                  className={classes.look}
                  title="Go to its row"
                  onClick={() => document.getElementById(shareFieldId(investmentId))?.focus()}
                >
                  {company}, {round}
                </button>
              </th>
              <td className={classes.words}>
                <ul className={classes.reviews}>
                  {review.map(({ cause, message }) => (
                    <li key={cause}>{asSentence(withAmounts(message, currency))}</li>
                  ))}
                </ul>
              </td>
              <td>{formatDate(investmentDate)}</td>
              <td data-number>{formatCents(amountCents, currency)}</td>
            </tr>
          ))}
        </tbody>
      </TableRegion>
    </Section>
  );
}
