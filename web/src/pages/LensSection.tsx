import { SegmentedControl, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { RequestFailed } from "../api/problem";
import type { LegacyMoic } from "../api/wire";
import { LegacyTable } from "../legacy/LegacyTable";
import { LensSummary } from "../lenses/LensSummary";
import { type LensSort, LensTable } from "../lenses/LensTable";
import type { LensReport } from "../lenses/report";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import classes from "./FundPage.module.css";
import type { FundSearch } from "./fund-search";
import { companyRows, fundRow, sectorRows } from "./lens-rows";

const route = getRouteApi("/funds/$fundId");

type LensQuery = UseQueryResult<LensReport>;

/** The card beside the simple MOIC: the fund's lenses, or why there are none. */
export function LensSummarySlot(props: { lenses: LensQuery; currency: string | undefined }) {
  const { lenses, currency } = props;
  if (lenses.error) {
    if (lenses.error instanceof RequestFailed && lenses.error.isFeatureDisabled) {
      return <Switched off={lenses.error} />;
    }
    return (
      <Failure
        error={lenses.error}
        title="The seven lenses could not be loaded"
        onRetry={() => void lenses.refetch()}
      />
    );
  }
  if (!lenses.data || currency === undefined) return <Skeleton height={150} radius={10} />;
  const { fund, asOf, coverage } = lenses.data;
  return <LensSummary lenses={fund} currency={currency} asOf={asOf} coverage={coverage} />;
}

function Switched({ off }: { off: RequestFailed }) {
  return (
    <section className={card.card} aria-labelledby="seven-lenses">
      <header className={card.header}>
        <h2 id="seven-lenses" className={card.title}>
          Seven lenses
        </h2>
        <span className={card.aside}>switched off</span>
      </header>
      <p className={classes.explanation}>
        <strong>{off.message}.</strong> The simple MOIC of each company is shown below instead.
        Nothing is lost: the lenses return as soon as the feature is switched on again.
      </p>
    </section>
  );
}

/** The table of companies or sectors by lens; the simple MOIC by company while the lenses are off. */
export function LensSection({ lenses, moic }: { lenses: LensQuery; moic: LegacyMoic | undefined }) {
  if (lenses.error)
    return moic ? <LegacyTable moic={moic} /> : <Skeleton height={420} radius={10} />;
  if (!lenses.data || !moic) return <Skeleton height={420} radius={10} aria-label="Loading" />;
  return <Rows report={lenses.data} moic={moic} />;
}

const FIRST_SORT: LensSort = { by: "current_moic", direction: "descending" };

function Rows({ report, moic }: { report: LensReport; moic: LegacyMoic }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const companies = useMemo(() => companyRows(report, moic), [report, moic]);
  const sectors = useMemo(() => sectorRows(report, companies), [report, companies]);
  const names = sectors.map(({ name }) => name);
  const total = useMemo(() => fundRow(report), [report]);

  const bySector = search.by === "sector";
  const rows = bySector
    ? sectors
    : companies.filter(({ note }) => search.sector === undefined || note === search.sector);
  const sort: LensSort = {
    by: search.sort ?? FIRST_SORT.by,
    direction: search.direction ?? FIRST_SORT.direction,
  };
  const everything = bySector ? `${sectors.length} sectors` : `${companies.length} companies`;
  const count =
    rows.length < companies.length && !bySector ? `${rows.length} of ${everything}` : everything;
  function choose(change: (search: FundSearch) => FundSearch): void {
    void navigate({ search: change, replace: true, resetScroll: false });
  }

  return (
    <>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label="Rows"
          value={bySector ? "sector" : "company"}
          data={[
            { label: "Companies", value: "company" },
            { label: "Sectors", value: "sector" },
          ]}
          onChange={(value) =>
            choose(({ by: _, ...rest }) =>
              value === "sector" ? { ...rest, by: "sector" as const } : rest,
            )
          }
        />
        {!bySector && (
          <label className={classes.control}>
            Sector
            <select
              value={search.sector ?? ""}
              onChange={(event) => {
                const sector = event.currentTarget.value;
                choose(({ sector: _, ...rest }) => (sector ? { ...rest, sector } : rest));
              }}
            >
              <option value="">All</option>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <span className={classes.count}>{count}</span>
      </div>
      <LensTable
        subject={bySector ? "Sector" : "Company"}
        rows={rows}
        total={total}
        currency={moic.currency}
        fundId={bySector ? undefined : moic.fundId}
        sort={sort}
        onSort={({ by, direction }) => choose((rest) => ({ ...rest, sort: by, direction }))}
      />
      <p className={classes.footnote}>
        Every multiple is gross of fund fees and carry. Fund and sector rows divide the sum of
        values by the sum of costs. n/a is not a zero: point at one, or move to it with the arrow
        keys, for its reason.
      </p>
    </>
  );
}
