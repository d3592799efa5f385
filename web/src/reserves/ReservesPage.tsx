import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { fundsQuery } from "../api/queries";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { formatDate } from "../money/format";
import { BetaBadge } from "../shell/BetaBadge";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { PageHeading } from "../shell/PageHeading";
import { Section } from "../shell/Section";
import { rankingQuery } from "./queries";
import { RankingChart } from "./RankingChart";
import { RankingControls } from "./RankingControls";
import { RankingTable } from "./RankingTable";
import { orderBy, type Ranking as RankingOfFund } from "./ranking";
import { WhatIf } from "./WhatIf";

const route = getRouteApi("/funds/$fundId/reserves");

/** Where the next dollar goes: companies by exit MOIC on planned reserves. */
export function ReservesPage() {
  const fundId = Number(route.useParams().fundId);
  const { asOf } = route.useSearch();
  const funds = useQuery(fundsQuery);
  const feature = useLotLevelMoic();
  const ranking = useQuery({
    ...rankingQuery(fundId, asOf, feature.isOn),
    enabled: feature.isKnown,
  });
  const fund = funds.data?.find(({ id }) => id === fundId);
  const failed = [ranking, funds].find(({ error }) => error);
  const isOff = ranking.error instanceof RequestFailed && ranking.error.isFeatureDisabled;
  return (
    <>
      <title>Reserves · Lotwise</title>
      <PageHeading
        title="Reserves ranking"
        facts={ranking.data && `gross · as of ${formatDate(ranking.data.asOf)}`}
        fund={{ id: fundId, name: fund?.name }}
      >
        {ranking.data && <BetaBadge />}
      </PageHeading>
      {isOff && ranking.error ? (
        <FeatureOff title="Reserves ranking" message={ranking.error.message}>
          The ranking needs the lots. Until it returns, the{" "}
          <Link to="/funds/$fundId" params={{ fundId: String(fundId) }}>
            portfolio shows the simple MOIC of each company
          </Link>
          , and planned reserves stay in the companies&rsquo; exit cases.
        </FeatureOff>
      ) : failed?.error ? (
        <Failure
          error={failed.error}
          title="The ranking could not be loaded"
          onRetry={() => void failed.refetch()}
        />
      ) : !ranking.data || !fund ? (
        <Skeleton height={520} radius={10} aria-label="Loading the ranking" />
      ) : (
        <Ranking ranking={ranking.data} currency={fund.currency} />
      )}
    </>
  );
}

function Ranking({ ranking, currency }: { ranking: RankingOfFund; currency: string }) {
  const search = route.useSearch();
  // Ranks are those of the whole fund, whatever part of it is shown.
  const { companies: ranked, asOf, fund } = ranking;
  const sectors = [...new Set(ranked.map(({ sector }) => sector))].sort();
  const inSector = ranked.filter(({ sector }) => [undefined, sector].includes(search.sector));
  const withMultiple = inSector.filter(({ rank }) => rank !== null);
  if (ranked.every(({ rank }) => rank === null)) {
    return (
      <>
        <RankingControls sectors={sectors} present={asOf} />
        <Empty title="No reserves planned">
          Enter exit cases with planned reserves for a company: their expected proceeds over their
          cost make its rank.
        </Empty>
      </>
    );
  }
  return (
    <>
      <RankingControls sectors={sectors} present={asOf} />
      <WhatIf ranking={ranking} currency={currency} />
      <Section
        title="Exit MOIC on planned reserves"
        aside="expected proceeds of planned reserves over their expected cost; the line is 1.00x"
      >
        <RankingChart ranked={withMultiple} currency={currency} />
      </Section>
      <Section
        title="Ranking"
        aside={`${withMultiple.length} of ${inSector.length} have planned reserves`}
      >
        <RankingTable
          ranked={orderBy(inSector, search.sort ?? "rank")}
          sortedBy={search.sort ?? "rank"}
          fund={search.sector === undefined ? fund : null}
          currency={currency}
        />
      </Section>
    </>
  );
}
