import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { fundsQuery, legacyMoicQuery } from "../api/queries";
import type { Fund } from "../api/wire";
import { CalculationPill } from "../flags/CalculationPill";
import { ImportLink } from "../imports/ImportLink";
import { SimpleMoicCard } from "../legacy/SimpleMoicCard";
import { formatCentsCompact } from "../money/format";
import { AsOf } from "../shell/AsOf";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { KnownAt } from "../shell/KnownAt";
import { PageHeading } from "../shell/PageHeading";
import classes from "./FundPage.module.css";
import { LensSection, LensSummarySlot } from "./LensSection";
import { useLenses } from "./lens-state";

const route = getRouteApi("/funds/$fundId");

/** A fund: the simple MOIC always, the seven lenses when the feature is on. */
export function FundPage() {
  const fundId = Number(route.useParams().fundId);
  // Only what the page itself depends on: a new order of the rows draws the table and nothing else.
  const moment = route.useSearch({
    select: ({ asOf, knownAt }) => ({ asOf, knownAt }),
    structuralSharing: true,
  });
  const funds = useQuery(fundsQuery);
  const moic = useQuery(legacyMoicQuery(fundId));
  const lenses = useLenses(fundId, moment);
  const report = lenses.off ? undefined : lenses.query.data;

  const fund = funds.data?.find(({ id }) => id === fundId);
  return (
    <>
      <title>{fund ? `${fund.name} · Lotwise` : "Lotwise"}</title>
      <Heading fund={fund}>
        {(lenses.off || report) && (
          <CalculationPill
            isOn={lenses.off === null}
            decidedBy={lenses.decidedBy}
            report={report}
          />
        )}
        {lenses.decidedBy && !lenses.off && (
          <span className={classes.moment}>
            <AsOf present={report?.asOf} />
            <KnownAt />
          </span>
        )}
      </Heading>
      {moic.error ? (
        <Failure
          error={moic.error}
          title="This fund could not be loaded"
          onRetry={() => void moic.refetch()}
        />
      ) : moic.data?.companies.length === 0 ? (
        <Empty title="No companies in this fund yet">
          Add the first with <code>POST /api/funds/{fundId}/companies</code>, then its lots.{" "}
          <ImportLink fundId={fundId} className={classes.action}>
            Or import a spreadsheet with them
          </ImportLink>
        </Empty>
      ) : (
        <>
          <div className={classes.cards}>
            <SimpleMoicCard moic={moic.data} />
            <LensSummarySlot lenses={lenses} currency={moic.data?.currency} />
          </div>
          <LensSection lenses={lenses} moic={moic.data} />
        </>
      )}
    </>
  );
}

function Heading({ fund, children }: { fund: Fund | undefined; children: ReactNode }) {
  const facts = fund && [
    fund.vintageYear ? `Vintage ${fund.vintageYear}` : null,
    fund.currency,
    fund.committedCents
      ? `${formatCentsCompact(fund.committedCents, fund.currency)} committed`
      : null,
  ];
  return (
    <PageHeading
      title={fund?.name ?? "Fund"}
      facts={facts?.filter((fact) => fact !== null).join(" · ")}
    >
      {fund && (
        <Link
          to="/funds/$fundId/investments/new"
          params={{ fundId: String(fund.id) }}
          className={classes.action}
        >
          New investment
        </Link>
      )}
      {children}
    </PageHeading>
  );
}
