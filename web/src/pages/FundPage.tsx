import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery, fundsQuery, legacyMoicQuery, lensesQuery } from "../api/queries";
import type { Fund } from "../api/wire";
import { SimpleMoicCard } from "../legacy/SimpleMoicCard";
import { formatCentsCompact } from "../money/format";
import { Banner } from "../shell/Banner";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageFailure } from "../shell/PageFailure";
import { PageFrame } from "../shell/PageFrame";
import { AsOf } from "./AsOf";
import classes from "./FundPage.module.css";
import { LensSection, LensSummarySlot } from "./LensSection";

const route = getRouteApi("/funds/$fundId");
const FEATURE = "enableLotLevelMoic";

/** A fund: the simple MOIC always, the seven lenses when the feature is on. */
export function FundPage() {
  const fundId = Number(route.useParams().fundId);
  const search = route.useSearch();
  const funds = useQuery(fundsQuery);
  const moic = useQuery(legacyMoicQuery(fundId));
  const lenses = useQuery(lensesQuery(fundId, search.asOf));
  const killed = useKillSwitch();

  const failure = funds.error ?? moic.error;
  const fund = funds.data?.find(({ id }) => id === fundId);
  if (failure instanceof RequestFailed && failure.isSignedOut) {
    return <PageFailure error={failure} onRetry={() => undefined} />;
  }
  const isDisabled = lenses.error instanceof RequestFailed && lenses.error.isFeatureDisabled;
  const banner = isDisabled && killed && (
    <Banner title="Lot-level MOIC temporarily unavailable">
      The simple MOIC is shown meanwhile. No data is lost.
    </Banner>
  );
  return (
    <PageFrame funds={funds.data ?? []} fundId={fundId} banner={banner}>
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
    </PageFrame>
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
      {children}
    </div>
  );
}

/** Whether the feature is killed for everyone; a change of its state fetches the lenses anew. */
function useKillSwitch(): boolean {
  const queryClient = useQueryClient();
  const state = useQuery(clientStateQuery).data?.flags?.[FEATURE];
  const enabled = state?.enabled;
  useEffect(() => {
    if (enabled === undefined) return;
    void queryClient.invalidateQueries({
      predicate: ({ queryKey, state }) => {
        const failed = state.status === "error";
        return queryKey[2] === "lenses" && failed === enabled;
      },
    });
  }, [enabled, queryClient]);
  return state?.killed ?? false;
}
