import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import { companiesQuery } from "../companies/queries";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { InvestmentForm } from "./InvestmentForm";

const route = getRouteApi("/funds/$fundId/investments/new");

/** Records an investment, and its lot where lot-level MOIC is on. */
export function NewInvestmentPage() {
  const fundId = Number(route.useParams().fundId);
  const funds = useQuery(fundsQuery);
  const companies = useQuery(companiesQuery(fundId));
  const feature = useLotLevelMoic();
  const fund = funds.data?.find(({ id }) => id === fundId);
  return (
    <>
      <title>New investment · Lotwise</title>
      <PageHeading title="New investment" fund={{ id: fundId, name: fund?.name }} />
      {companies.error ? (
        <Failure
          error={companies.error}
          title="The fund's companies could not be loaded"
          onRetry={() => void companies.refetch()}
        />
      ) : !companies.data || !fund || !feature.isKnown ? (
        <Skeleton height={420} radius={10} aria-label="Loading the form" />
      ) : companies.data.length === 0 ? (
        <Empty title="No companies in this fund yet">
          An investment is one in a company: add the first with{" "}
          <code>POST /api/funds/{fundId}/companies</code>, then come back.
        </Empty>
      ) : (
        <InvestmentForm
          key={fundId}
          fund={fund}
          companies={companies.data}
          isFeatureOn={feature.isOn}
        />
      )}
    </>
  );
}
