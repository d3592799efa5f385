import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { fundsQuery, legacyMoicQuery } from "../api/queries";
import { lotLensesQuery } from "../companies/queries";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { lensReport } from "../lenses/report";
import { formatDate } from "../money/format";
import { BetaBadge } from "../shell/BetaBadge";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { PageHeading } from "../shell/PageHeading";
import { Section } from "../shell/Section";
import { candidates } from "./candidates";
import { RankingChart } from "./RankingChart";
import { RankingControls } from "./RankingControls";
import { RankingTable } from "./RankingTable";
import { orderBy, rankCompanies } from "./ranking";

const route = getRouteApi("/funds/$fundId/reserves");

/** Where the next dollar goes: companies by exit MOIC on planned reserves. */
export function ReservesPage() {
  const fundId = Number(route.useParams().fundId);
  const { asOf } = route.useSearch();
  const funds = useQuery(fundsQuery);
  const feature = useLotLevelMoic();
  const lenses = useQuery({
    ...lotLensesQuery(fundId, asOf, feature.isOn),
    enabled: feature.isKnown,
    select: lensReport,
  });
  const moic = useQuery(legacyMoicQuery(fundId));
  const fund = funds.data?.find(({ id }) => id === fundId);
  const failed = [lenses, moic].find(({ error }) => error);
  const isOff = lenses.error instanceof RequestFailed && lenses.error.isFeatureDisabled;
  return (
    <>
      <title>Reserves · Lotwise</title>
      <PageHeading
        title="Reserves ranking"
        facts={lenses.data && `gross · as of ${formatDate(lenses.data.asOf)}`}
        fund={{ id: fundId, name: fund?.name }}
      >
        {lenses.data && <BetaBadge />}
      </PageHeading>
      {isOff && lenses.error ? (
        <FeatureOff title="Reserves ranking" message={lenses.error.message}>
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
      ) : !lenses.data || !moic.data ? (
        <Skeleton height={520} radius={10} aria-label="Loading the ranking" />
      ) : (
        <Ranking report={lenses.data} moic={moic.data} />
      )}
    </>
  );
}

type Loaded = Pick<Parameters<typeof candidates>[0], "report" | "moic">;

function Ranking({ report, moic }: Loaded) {
  const search = route.useSearch();
  const everyone = candidates({ report, moic });
  const sectors = [...new Set(everyone.map(({ sector }) => sector))].sort();
  // Ranks are those of the whole fund, whatever part of it is shown.
  const ranked = rankCompanies(everyone);
  const inSector = ranked.filter(({ sector }) => [undefined, sector].includes(search.sector));
  const withMultiple = inSector.filter(({ rank }) => rank !== null);
  if (ranked.every(({ rank }) => rank === null)) {
    return (
      <>
        <RankingControls sectors={sectors} present={report.asOf} />
        <Empty title="No reserves planned">
          Enter exit cases with planned reserves for a company: their expected proceeds over their
          cost make its rank.
        </Empty>
      </>
    );
  }
  return (
    <>
      <RankingControls sectors={sectors} present={report.asOf} />
      <Section
        title="Exit MOIC on planned reserves"
        aside="expected proceeds of planned reserves over their expected cost; the line is 1.00x"
      >
        <RankingChart ranked={withMultiple} currency={moic.currency} />
      </Section>
      <Section
        title="Ranking"
        aside={`${withMultiple.length} of ${inSector.length} have planned reserves`}
      >
        <RankingTable
          ranked={orderBy(inSector, search.sort ?? "rank")}
          sortedBy={search.sort ?? "rank"}
          fund={search.sector === undefined ? report.fund : null}
          currency={moic.currency}
        />
      </Section>
    </>
  );
}
