import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { fundsQuery } from "../api/queries";
import { saveFile } from "../downloads/save-file";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { asSentence, formatMultiple, withAmounts } from "../money/explained";
import { formatCents, formatDate } from "../money/format";
import { AsOf } from "../shell/AsOf";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { KnownAt } from "../shell/KnownAt";
import { PageHeading } from "../shell/PageHeading";
import { SidePanel } from "../shell/SidePanel";
import { TableRegion } from "../shell/TableRegion";
import { type FundTable, type FundTableColumn, type FundTableRow, orderRows } from "./fund-table";
import classes from "./fund-table.module.css";
import { fundTableCsv } from "./fund-table-csv";
import { fundTableQuery } from "./queries";

const route = getRouteApi("/funds/$fundId/analysis");

/** Invested, realised, unrealised and rates of return, with the legacy MOIC beside them. */
export function FundTablePage() {
  const fundId = Number(route.useParams().fundId);
  const { asOf, knownAt } = route.useSearch();
  const funds = useQuery(fundsQuery);
  const feature = useLotLevelMoic();
  const table = useQuery({
    ...fundTableQuery(fundId, { asOf, knownAt }, feature.isOn),
    enabled: feature.isKnown,
  });
  const fund = funds.data?.find(({ id }) => id === fundId);
  const failed = [table, funds].find(({ error }) => error);
  const isOff = table.error instanceof RequestFailed && table.error.isFeatureDisabled;
  return (
    <>
      <title>Fund table · Lotwise</title>
      <PageHeading
        title="Fund table"
        facts={table.data && `sums, gross · as of ${formatDate(table.data.asOf)}`}
        fund={{ id: fundId, name: fund?.name }}
      />
      <div className={classes.controls}>
        <AsOf present={table.data?.asOf} />
        <KnownAt />
      </div>
      {isOff && table.error ? (
        <FeatureOff title="Fund table" message={table.error.message}>
          The table needs the lots. Until it returns, the{" "}
          <Link to="/funds/$fundId" params={{ fundId: String(fundId) }}>
            portfolio shows the simple MOIC
          </Link>
          .
        </FeatureOff>
      ) : failed?.error ? (
        <Failure
          error={failed.error}
          title="The fund table could not be loaded"
          onRetry={() => void failed.refetch()}
        />
      ) : !table.data || !fund ? (
        <Skeleton height={520} radius={10} aria-label="Loading the fund table" />
      ) : table.data.companies.length === 0 ? (
        <Empty title="No companies in this fund yet">The table has a row for each of them.</Empty>
      ) : (
        <Table table={table.data} currency={fund.currency} />
      )}
    </>
  );
}

const HEADINGS: readonly { column: FundTableColumn; text: string }[] = [
  { column: "name", text: "Company" },
  { column: "invested", text: "Invested" },
  { column: "realised", text: "Realised" },
  { column: "unrealised", text: "Unrealised" },
  { column: "total", text: "Total value" },
  { column: "multiple", text: "Over cost" },
  { column: "xirr", text: "IRR" },
];

function Table({ table, currency }: { table: FundTable; currency: string }) {
  const { fundId } = route.useParams();
  const { sort = "name" } = route.useSearch();
  const navigate = route.useNavigate();
  const [explained, setExplained] = useState<FundTableRow | null>(null);
  const rows = orderRows(table.companies, sort);
  return (
    <>
      <TableRegion label="Fund table, gross">
        <thead>
          <tr>
            {HEADINGS.map(({ column, text }) => (
              <th
                key={column}
                scope="col"
                {...(column === "name" ? {} : { "data-number": true })}
                {...(column === sort
                  ? { "aria-sort": column === "name" ? "ascending" : "descending" }
                  : {})}
              >
                <button
                  type="button"
                  className={classes.sort}
                  onClick={() =>
                    void navigate({
                      search: (search) => ({ ...search, sort: column }),
                      replace: true,
                      resetScroll: false,
                    })
                  }
                >
                  {text}
                </button>
              </th>
            ))}
            <th scope="col" data-number>
              Legacy MOIC
            </th>
            <th scope="col" data-number>
              Difference
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className={classes.fund}>
            <th scope="row">Fund (sums, gross)</th>
            <Figures row={table.fund} currency={currency} onExplain={setExplained} />
          </tr>
          {rows.map((row) => (
            <tr key={row.companyId}>
              <th scope="row">
                <Link
                  to="/funds/$fundId/companies/$companyId"
                  params={{ fundId, companyId: row.companyId ?? "" }}
                >
                  {row.name}
                </Link>
              </th>
              <Figures row={row} currency={currency} onExplain={setExplained} />
            </tr>
          ))}
        </tbody>
      </TableRegion>
      <button
        type="button"
        className={classes.download}
        onClick={() =>
          saveFile(
            `fund-${fundId}-table-${table.asOf}.csv`,
            new Blob([fundTableCsv(table.fund, rows, currency)], {
              type: "text/csv;charset=utf-8",
            }),
          )
        }
      >
        Download the table (CSV)
      </button>
      {explained && (
        <SidePanel
          title={`Difference of ${explained.name ?? "the fund"}`}
          note="lot-level less legacy"
          onClose={() => setExplained(null)}
        >
          <p>{asSentence(withAmounts(explained.explanation, currency))}</p>
          <ul>
            {explained.differenceParts.map((part) => (
              <li key={part.cause}>
                {formatMultiple(part.difference, true)}:{" "}
                {asSentence(withAmounts(part.explanation, currency))}
              </li>
            ))}
          </ul>
        </SidePanel>
      )}
    </>
  );
}

interface FiguresProps {
  readonly row: FundTableRow;
  readonly currency: string;
  readonly onExplain: (row: FundTableRow) => void;
}

function Figures({ row, currency, onExplain }: FiguresProps) {
  const noPrice = row.totalValueOverCost.reason ?? "a lot has no price";
  const amount = (cents: string | null | undefined) =>
    cents == null ? <Absent reason={noPrice} /> : formatCents(cents, currency);
  return (
    <>
      <td data-number>{amount(row.investedCents)}</td>
      <td data-number>{amount(row.realisedCents)}</td>
      <td data-number>{amount(row.unrealisedCents)}</td>
      <td data-number>{amount(row.totalValueCents)}</td>
      {[row.totalValueOverCost, row.xirr, row.legacyMoic].map((figure, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the three figures of a row, always in this order
        <td key={place} data-number>
          {figure.display ?? <Absent reason={figure.reason ?? "it has no value"} />}
          {figure.flags.includes("several_roots") && (
            <span className={classes.reason}>other rates solve it, too</span>
          )}
        </td>
      ))}
      <td data-number>
        <button
          type="button"
          className={classes.difference}
          aria-label={`Difference of ${row.name ?? "the fund"}: ${formatMultiple(row.difference, true)}, explain`}
          onClick={() => onExplain(row)}
        >
          {formatMultiple(row.difference, true)}
        </button>
      </td>
    </>
  );
}

/** "n/a", and why, for those who see and for those who listen. */
function Absent({ reason }: { reason: string }) {
  return (
    <>
      n/a<span className={classes.reason}>{reason.replaceAll("_", " ")}</span>
    </>
  );
}
