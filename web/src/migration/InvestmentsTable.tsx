import { TextInput } from "@mantine/core";
import { asSentence, withAmounts } from "../money/explained";
import { formatCents, formatDate } from "../money/format";
import { formatPrice, formatShares } from "../money/per-share";
import { TableRegion } from "../shell/TableRegion";
import { type FieldProblems, fieldOf, type MigrationDraft, NO_SHARES } from "./draft";
import { GivenTermsFields } from "./GivenTermsFields";
import classes from "./migration.module.css";
import { confidenceText, lotTypeText, shareFieldId } from "./migration-text";
import type { MigratedInvestment } from "./wire";

interface Props {
  readonly investments: readonly MigratedInvestment[];
  readonly currency: string;
  readonly draft: MigrationDraft;
  readonly problems: FieldProblems;
  readonly onChange: (next: Partial<MigrationDraft>) => void;
}

/** Each investment with the shares that it needs and the lot that it becomes, by company. */
export function InvestmentsTable({ investments, ...props }: Props) {
  const companies = new Map<number, MigratedInvestment[]>();
  for (const investment of investments) {
    const known = companies.get(investment.companyId);
    if (known) known.push(investment);
    else companies.set(investment.companyId, [investment]);
  }
  return (
    <TableRegion label="Investments without a lot, by company">
      <thead>
        <tr>
          <th scope="col">Round</th>
          <th scope="col">Date</th>
          <th scope="col" data-number>
            Amount
          </th>
          <th scope="col">Fully diluted shares after the round</th>
          <th scope="col">Becomes</th>
        </tr>
      </thead>
      {[...companies].map(([companyId, ofCompany]) => (
        <tbody key={companyId}>
          <CompanyRow companyId={companyId} name={ofCompany[0]?.company ?? ""} {...props} />
          {ofCompany.map((investment) => (
            <InvestmentRow key={investment.investmentId} investment={investment} {...props} />
          ))}
        </tbody>
      ))}
    </TableRegion>
  );
}

type RowProps = Omit<Props, "investments">;

/** The company, and a count of shares for all of its rounds from a date on. */
function CompanyRow(props: RowProps & { companyId: number; name: string }) {
  const { companyId, name, draft, problems, onChange } = props;
  const typed = draft.byCompany[companyId] ?? NO_SHARES;
  const change = (next: Partial<typeof typed>) =>
    onChange({ byCompany: { ...draft.byCompany, [companyId]: { ...typed, ...next } } });
  return (
    <tr className={classes.company}>
      <th scope="rowgroup" colSpan={3}>
        {name}
      </th>
      <td colSpan={2}>
        <span className={classes.fields}>
          <TextInput
            size="xs"
            label="All rounds: shares"
            aria-label={`Fully diluted shares of ${name} for all rounds`}
            inputMode="decimal"
            autoComplete="off"
            value={typed.shares}
            error={problems[fieldOf.company(companyId)]}
            onChange={(event) => change({ shares: event.currentTarget.value })}
          />
          <TextInput
            size="xs"
            type="date"
            label="In force from"
            aria-label={`Date from which the shares of ${name} are in force`}
            value={typed.from}
            error={problems[fieldOf.companyFrom(companyId)]}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
        </span>
      </td>
    </tr>
  );
}

function InvestmentRow(props: RowProps & { investment: MigratedInvestment }) {
  const { investment, currency, draft, problems, onChange } = props;
  const { investmentId, company, round, investmentDate, amountCents } = investment;
  const of = `${company} after ${round}, ${formatDate(investmentDate)}`;
  return (
    <tr>
      <th scope="row">{round}</th>
      <td>{formatDate(investmentDate)}</td>
      <td data-number>{formatCents(amountCents, currency)}</td>
      <td>
        <TextInput
          id={shareFieldId(investmentId)}
          size="xs"
          className={classes.shares ?? ""}
          aria-label={`Fully diluted shares of ${of}`}
          inputMode="decimal"
          autoComplete="off"
          value={draft.byInvestment[investmentId] ?? ""}
          error={problems[fieldOf.investment(investmentId)]}
          onChange={(event) =>
            onChange({
              byInvestment: { ...draft.byInvestment, [investmentId]: event.currentTarget.value },
            })
          }
        />
        <GivenTermsFields
          investmentId={investmentId}
          subject={`${company}, ${round}, ${formatDate(investmentDate)}`}
          {...props}
        />
      </td>
      <td className={classes.words}>
        <Becomes investment={investment} currency={currency} />
      </td>
    </tr>
  );
}

function Becomes(props: { investment: MigratedInvestment; currency: string }) {
  const { investment, currency } = props;
  const { lot, obstacle, review } = investment;
  if (!lot) {
    return (
      <span className={classes.needs}>
        {asSentence(withAmounts(obstacle?.message ?? "no lot", currency))}
      </span>
    );
  }
  return (
    <>
      {lotTypeText(lot)} lot, {lot.shareClass}: {formatShares(lot.sharesAcquired)} shares at{" "}
      {formatPrice(lot.sharePriceCents, currency)}{" "}
      <span
        className={classes.confidence}
        data-confidence={lot.pricingConfidence}
        title={confidenceText(lot)}
      >
        {lot.pricingConfidence}
      </span>{" "}
      {review.length > 0 && <span className={classes.confidence}>to review</span>}
    </>
  );
}
