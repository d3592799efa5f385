import derivation from "../companies/LensDerivation.module.css";
import { shortestDecimal } from "../money/decimal";
import { formatCents, formatDate, formatPercent } from "../money/format";
import { TableRegion } from "../shell/TableRegion";
import { exactPercent, questionText } from "./answer-text";
import type { PartialSaleTerms, PartialSaleValuation } from "./wire";

interface Props {
  readonly terms: PartialSaleTerms;
  readonly valuation: PartialSaleValuation;
  readonly currency: string;
}

/** The valuation, what it is the ratio of, and the exit cases that add up to its numerator. */
export function PartialSaleAnswer({ terms, valuation, currency }: Props) {
  const cents = (amount: string) => formatCents(amount, currency);
  const { valuationCents, presentValueCents, expectedProceedsCents, cases, asOf } = valuation;
  return (
    <div className={derivation.derivation}>
      <p className={derivation.sentence}>
        <strong>Minimum valuation</strong> {cents(valuationCents)} = {cents(presentValueCents)} /{" "}
        {exactPercent(terms.ownership)}
      </p>
      <p className={derivation.note}>
        Of the whole company, as of {formatDate(asOf)}, {questionText(terms)}: the present value of
        the expected proceeds of what is held, over the ownership. Below it, selling gives away more
        than it brings, whatever part of the stake is sold. Planned reserves are not held and do not
        count.
      </p>
      <TableRegion label="Minimum valuation, case by case">
        <thead>
          <tr>
            <th scope="col">Exit case</th>
            <th scope="col" data-number>
              Probability
            </th>
            <th scope="col" data-number>
              Years
            </th>
            <th scope="col" data-number>
              Proceeds at exit
            </th>
            <th scope="col" data-number>
              The same today
            </th>
          </tr>
        </thead>
        <tbody>
          {cases.map((one) => (
            <tr key={one.id}>
              <th scope="row">{one.id}</th>
              <td data-number>{formatPercent(one.probability)}</td>
              <td data-number>{shortestDecimal(one.years)}</td>
              <td data-number>{cents(one.proceedsCents)}</td>
              <td data-number>{cents(one.presentValueCents)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Weighted by probability</th>
            <td />
            <td />
            <td data-number>{cents(expectedProceedsCents)}</td>
            <td data-number>{cents(presentValueCents)}</td>
          </tr>
        </tfoot>
      </TableRegion>
    </div>
  );
}
