import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { LegacyAmounts, LegacyMoic, LegacyMultiple } from "../api/wire";
import table from "../lenses/LensTable.module.css";
import absent from "../lenses/Multiple.module.css";
import { legacyReasonText } from "../lenses/reasons";
import { formatCents } from "../money/format";
import classes from "./LegacyTable.module.css";

/** The simple MOIC of each company: what there is while the seven lenses are switched off. */
export function LegacyTable({ moic }: { moic: LegacyMoic }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={table.scroller} aria-label="Simple MOIC by company, gross" tabIndex={0}>
      <table className={`${table.table} ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Company</th>
            <th scope="col">Simple MOIC, gross</th>
            <th scope="col">Invested</th>
            <th scope="col">Realised</th>
            <th scope="col">Unrealised</th>
          </tr>
        </thead>
        <tbody>
          {moic.companies.map((company) => (
            <LegacyRow
              key={company.companyId}
              name={
                <Link
                  to="/funds/$fundId/companies/$companyId"
                  params={{ fundId: String(moic.fundId), companyId: String(company.companyId) }}
                  className={table.link}
                >
                  {company.name}
                </Link>
              }
              note={company.sector ?? ""}
              amounts={company}
              currency={moic.currency}
            />
          ))}
        </tbody>
        <tfoot>
          <LegacyRow
            name="Fund total"
            note="ratio of sums"
            amounts={moic.fund}
            currency={moic.currency}
          />
        </tfoot>
      </table>
    </section>
  );
}

interface RowProps {
  readonly name: ReactNode;
  readonly note: string;
  readonly amounts: LegacyAmounts;
  readonly currency: string;
}

function LegacyRow({ name, note, amounts, currency }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <span className={table.subject}>
          <span className={table.name}>{name}</span>
          <span className={table.note}>{note}</span>
        </span>
      </th>
      <td>
        <LegacyFigure moic={amounts.moic} />
      </td>
      <td>{formatCents(amounts.investedCents, currency)}</td>
      <td>{formatCents(amounts.realisedCents, currency)}</td>
      <td>{formatCents(amounts.unrealisedCents, currency)}</td>
    </tr>
  );
}

function LegacyFigure({ moic }: { moic: LegacyMultiple }) {
  if (moic.display) return moic.display;
  return (
    <Tooltip
      label={legacyReasonText(moic.reason)}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className={`${classes.reason} ${absent.absent}`}>
        n/a
      </button>
    </Tooltip>
  );
}
