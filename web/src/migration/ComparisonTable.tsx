import { asSentence, formatMultiple, withAmounts } from "../money/explained";
import { TableRegion } from "../shell/TableRegion";
import classes from "./migration.module.css";
import { comparisonTexts } from "./migration-text";
import type { MigrationComparison, MigrationReport } from "./wire";

interface Props {
  readonly report: MigrationReport;
  readonly currency: string;
}

/** The two multiples of the fund and of each company, and what lies between them in words. */
export function ComparisonTable({ report, currency }: Props) {
  return (
    <TableRegion label="Multiples of the fund and of each company">
      <thead>
        <tr>
          <th scope="col">Company</th>
          <th scope="col" data-number>
            Legacy
          </th>
          <th scope="col" data-number>
            Lot-level
          </th>
          <th scope="col" data-number>
            Difference
          </th>
          <th scope="col">What it consists of</th>
        </tr>
      </thead>
      <tbody>
        <Row name="Fund" of={report.fund} currency={currency} />
      </tbody>
      <tbody>
        {report.companies.map((company) => (
          <Row key={company.companyId} name={company.company} of={company} currency={currency} />
        ))}
      </tbody>
    </TableRegion>
  );
}

function Row(props: { name: string; of: MigrationComparison; currency: string }) {
  const { name, of, currency } = props;
  const { legacy, lotLevel, difference } = comparisonTexts(of);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-number>{legacy}</td>
      <td data-number>{lotLevel}</td>
      <td data-number>{difference}</td>
      <td className={classes.words}>
        {of.reason ? (
          asSentence(withAmounts(of.reason, currency))
        ) : of.parts.length === 0 ? (
          "Both are the same."
        ) : (
          <ul className={classes.reviews}>
            {of.parts.map((part) => (
              <li key={part.cause}>
                {formatMultiple(part.difference, true)}:{" "}
                {asSentence(withAmounts(part.explanation, currency))}
              </li>
            ))}
          </ul>
        )}
      </td>
    </tr>
  );
}
