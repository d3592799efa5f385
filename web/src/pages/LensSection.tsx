import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo } from "react";
import type { LegacyMoic } from "../api/wire";
import { Downloads } from "../downloads/Downloads";
import { ImportLink } from "../imports/ImportLink";
import { LegacyTable } from "../legacy/LegacyTable";
import { LensSummary } from "../lenses/LensSummary";
import { LensTable } from "../lenses/LensTable";
import type { LensRow } from "../lenses/lens";
import type { LensReport } from "../lenses/report";
import { type LensSort, sortRows } from "../lenses/sort-rows";
import { PerformanceSection } from "../performance/PerformanceSection";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { Filters } from "./Filters";
import classes from "./FundPage.module.css";
import type { FundSearch } from "./fund-search";
import { chosenRows, companyRows, fundRow, sectorRows, stagesOf } from "./lens-rows";
import type { LensState } from "./lens-state";
import { companiesQuery } from "./queries";
import { SwitchedOff } from "./SwitchedOff";

const route = getRouteApi("/funds/$fundId");

const LotsPanel = lazy(() => import("../lots/LotsPanel"));

/** The card beside the simple MOIC: the fund's lenses, or why there are none. */
export function LensSummarySlot(props: { lenses: LensState; currency: string | undefined }) {
  const { query, off } = props.lenses;
  if (off) return <SwitchedOff off={off} />;
  if (query.error) {
    return (
      <Failure
        error={query.error}
        title="The seven lenses could not be loaded"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data || props.currency === undefined) return <Skeleton height={150} radius={10} />;
  const { fund, asOf, coverage } = query.data;
  return <LensSummary lenses={fund} currency={props.currency} asOf={asOf} coverage={coverage} />;
}

/** The table of companies or sectors by lens; the simple MOIC by company while the lenses are off. */
export function LensSection({ lenses, moic }: { lenses: LensState; moic: LegacyMoic | undefined }) {
  const { query, off } = lenses;
  if (off || query.error) {
    if (!moic) return <Skeleton height={420} radius={10} />;
    return (
      <>
        <div className={classes.bar}>
          <Downloads fundId={moic.fundId} moment={{}} report={{ kind: "simple", moic }} />
          <ImportLink fundId={moic.fundId} className={classes.action}>
            Import a file
          </ImportLink>
        </div>
        <LegacyTable moic={moic} />
      </>
    );
  }
  if (!query.data || !moic) return <Skeleton height={420} radius={10} aria-label="Loading" />;
  return (
    <>
      <PerformanceSection report={query.data} currency={moic.currency} />
      <Rows report={query.data} moic={moic} />
    </>
  );
}

const FIRST_SORT: LensSort = { by: "current_moic", direction: "descending" };

function Rows({ report, moic }: { report: LensReport; moic: LegacyMoic }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const known = useQuery(companiesQuery(moic.fundId));
  const companies = useMemo(
    () => companyRows(report, moic, known.data),
    [report, moic, known.data],
  );
  const sectors = useMemo(() => sectorRows(report, companies), [report, companies]);
  const sectorNames = useMemo(() => sectors.map(({ name }) => name), [sectors]);
  const stages = useMemo(() => stagesOf(companies), [companies]);
  const total = useMemo(() => fundRow(report), [report]);

  const { by, sector, stage } = search;
  const bySector = by === "sector";
  const sortBy = search.sort ?? FIRST_SORT.by;
  const direction = search.direction ?? FIRST_SORT.direction;
  const sort: LensSort = useMemo(() => ({ by: sortBy, direction }), [sortBy, direction]);
  const rows = useMemo(() => {
    const chosen = bySector ? sectors : chosenRows(companies, { sector, stage });
    return sortRows(chosen, sort);
  }, [bySector, sectors, companies, sector, stage, sort]);
  const everything = bySector ? `${sectors.length} sectors` : `${companies.length} companies`;
  const count =
    rows.length < companies.length && !bySector ? `${rows.length} of ${everything}` : everything;
  function choose(change: (search: FundSearch) => FundSearch): void {
    void navigate({ search: change, replace: true, resetScroll: false });
  }
  const open = useCallback(
    ({ id }: LensRow) =>
      void navigate({
        search: (rest) => ({ ...rest, company: Number(id) }),
        resetScroll: false,
      }),
    [navigate],
  );
  const close = useCallback(
    () =>
      void navigate({
        search: ({ company: _, ...rest }) => rest,
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );

  return (
    <>
      <div className={classes.bar}>
        <Filters sectors={sectorNames} stages={stages} />
        {known.error && !bySector && (
          <span role="status">
            Stages could not be loaded.{" "}
            <button type="button" className={classes.retry} onClick={() => void known.refetch()}>
              Try again
            </button>
          </span>
        )}
        <span className={classes.count}>{count}</span>
        <Downloads
          fundId={moic.fundId}
          moment={search}
          report={{ kind: "lenses", report, rows, total, currency: moic.currency }}
        />
        <ImportLink fundId={moic.fundId} className={classes.action}>
          Import a file
        </ImportLink>
      </div>
      {rows.length === 0 && (
        <Empty title="No company to show">
          Choose another sector, stage or date; the fund’s total below is of all its companies.
        </Empty>
      )}
      <LensTable
        subject={bySector ? "Sector" : "Company"}
        rows={rows}
        total={total}
        currency={moic.currency}
        fundId={bySector ? undefined : moic.fundId}
        sort={sort}
        onSort={({ by, direction }) => choose((rest) => ({ ...rest, sort: by, direction }))}
        onOpen={open}
      />
      <p className={classes.footnote}>
        Every multiple is gross of fund fees and carry. Fund and sector rows divide the sum of
        values by the sum of costs. n/a is not a zero: point at one, or move to it with the arrow
        keys, for its reason.
      </p>
      {search.company !== undefined && (
        <Suspense>
          <LotsPanel
            report={report}
            company={companies.find(({ id }) => id === String(search.company))}
            currency={moic.currency}
            fundId={moic.fundId}
            moment={search}
            onClose={close}
          />
        </Suspense>
      )}
    </>
  );
}
