import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery, fundsQuery, legacyMoicQuery, lensesQuery } from "../api/queries";
import type { Fund } from "../api/wire";
import { FEATURE } from "../flags/overrides";
import { SimpleMoicCard } from "../legacy/SimpleMoicCard";
import { formatCentsCompact } from "../money/format";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { AsOf } from "./AsOf";
import classes from "./FundPage.module.css";
import { LensSection, LensSummarySlot } from "./LensSection";

const route = getRouteApi("/funds/$fundId");

/** A fund: the simple MOIC always, the seven lenses when the feature is on. */
export function FundPage() {
  const fundId = Number(route.useParams().fundId);
  const search = route.useSearch();
  const funds = useQuery(fundsQuery);
  const moic = useQuery(legacyMoicQuery(fundId));
  const lenses = useQuery(lensesQuery(fundId, search.asOf));
  useRefetchOfLenses();

  const fund = funds.data?.find(({ id }) => id === fundId);
  const isDisabled = lenses.error instanceof RequestFailed && lenses.error.isFeatureDisabled;
  return (
    <>
      <title>{fund ? `${fund.name} · Lotwise` : "Lotwise"}</title>
      <Heading fund={fund}>{!isDisabled && <AsOf present={lenses.data?.asOf} />}</Heading>
      {moic.error ? (
        <Failure
          error={moic.error}
          title="This fund could not be loaded"
          onRetry={() => void moic.refetch()}
        />
      ) : moic.data?.companies.length === 0 ? (
        <Empty title="No companies in this fund yet">
          Add the first with <code>POST /api/funds/{fundId}/companies</code>, then its lots.
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
    <div className={classes.heading}>
      <h1 className={classes.title}>{fund?.name ?? "Fund"}</h1>
      <p className={classes.facts}>{facts?.filter((fact) => fact !== null).join(" · ")}</p>
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
    </div>
  );
}

/** A change of the feature's state, such as a kill, fetches the lenses anew. */
function useRefetchOfLenses(): void {
  const queryClient = useQueryClient();
  const enabled = useQuery(clientStateQuery).data?.flags?.[FEATURE]?.enabled;
  useEffect(() => {
    if (enabled === undefined) return;
    void queryClient.invalidateQueries({
      predicate: ({ queryKey, state }) => {
        const failed = state.status === "error";
        return queryKey[2] === "lenses" && failed === enabled;
      },
    });
  }, [enabled, queryClient]);
}
