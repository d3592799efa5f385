import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import { PartialSaleSection } from "../partial-sale/PartialSaleSection";
import { AsOf } from "../shell/AsOf";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { Section } from "../shell/Section";
import { CompanyLensSection } from "./CompanyLensSection";
import { ExitCaseTable } from "./ExitCaseTable";
import { InvestmentTable } from "./InvestmentTable";
import { LotTable } from "./LotTable";
import { MarkChart } from "./MarkChart";
import { companyQuery, eventsQuery, exitCasesQuery, investmentsQuery, lotsQuery } from "./queries";
import { TimeLine } from "./TimeLine";
import { markLines } from "./time-line";
import { useCompanyLenses } from "./use-company-lenses";

const route = getRouteApi("/funds/$fundId/companies/$companyId");

/** A company: its lenses with what they are made of, lots, time line, marks and exit cases. */
export function CompanyPage() {
  const fundId = Number(route.useParams().fundId);
  const companyId = Number(route.useParams().companyId);
  const { asOf } = route.useSearch();
  const funds = useQuery(fundsQuery);
  const company = useQuery(companyQuery(fundId, companyId));
  const lots = useQuery(lotsQuery(fundId, companyId));
  const investments = useQuery(investmentsQuery(fundId, companyId));
  const events = useQuery(eventsQuery(fundId, companyId));
  const exitCases = useQuery(exitCasesQuery(fundId, companyId));
  const lenses = useCompanyLenses(fundId, companyId, asOf);

  const fund = funds.data?.find(({ id }) => id === fundId);
  const facts = [company.data?.sector, company.data?.stage, company.data?.status];
  const needed = [company, lots, investments, events, exitCases];
  const failed = needed.find(({ error }) => error);
  const loaded =
    fund && lots.data && investments.data && events.data && exitCases.data
      ? {
          currency: fund.currency,
          policy: fund.policy ?? {},
          lots: lots.data,
          investments: investments.data,
          events: events.data,
          exitCases: exitCases.data,
        }
      : null;
  return (
    <>
      <title>{company.data ? `${company.data.name} · Lotwise` : "Company · Lotwise"}</title>
      <PageHeading
        title={company.data?.name ?? "Company"}
        facts={facts.filter(Boolean).join(" · ")}
        fund={{ id: fundId, name: fund?.name }}
      >
        {(lenses.data || asOf) && <AsOf present={lenses.data?.asOf} />}
        <Button
          size="xs"
          variant="light"
          renderRoot={(props) => (
            <Link
              to="/funds/$fundId/investments/new"
              params={{ fundId: String(fundId) }}
              search={{ company: companyId }}
              {...props}
            />
          )}
        >
          New investment
        </Button>
      </PageHeading>
      {failed?.error ? (
        <Failure
          error={failed.error}
          title="This company could not be loaded"
          onRetry={() => {
            for (const query of needed) if (query.error) void query.refetch();
          }}
        />
      ) : !loaded ? (
        <Skeleton height={480} radius={10} aria-label="Loading the company" />
      ) : (
        <Loaded fundId={fundId} companyId={companyId} asOf={asOf} lenses={lenses} {...loaded} />
      )}
    </>
  );
}

type Parts = Parameters<typeof PartialSaleSection>[0] &
  Parameters<typeof CompanyLensSection>[0] &
  Parameters<typeof InvestmentTable>[0] &
  Parameters<typeof ExitCaseTable>[0];

function Loaded(parts: Parts) {
  const { lenses, lots, events, investments, exitCases, currency, policy } = parts;
  const marks = markLines(events);
  if (investments.length === 0 && lots.length === 0) {
    return (
      <Empty title="Nothing invested yet">
        Record the first investment: it makes the company&rsquo;s simple MOIC, and its lot the seven
        lenses.
      </Empty>
    );
  }
  return (
    <>
      <CompanyLensSection
        lenses={lenses}
        lots={lots}
        events={events}
        currency={currency}
        policy={policy}
      />
      <Section title="Lots" aside="cost is the original one, also after sales">
        <LotTable
          lots={lots}
          events={events}
          lenses={lenses.data}
          currency={currency}
          policy={policy}
        />
      </Section>
      <Section title="Investments" aside="what the simple MOIC is made of">
        <InvestmentTable investments={investments} currency={currency} />
      </Section>
      {marks.length > 0 && (
        <Section title="Marks" aside="price per share by class, as entered">
          <MarkChart lines={marks} currency={currency} />
        </Section>
      )}
      <Section title="Time line">
        <TimeLine lots={lots} events={events} currency={currency} />
      </Section>
      <Section title="Exit cases">
        <ExitCaseTable exitCases={exitCases} lots={lots} currency={currency} />
      </Section>
      <PartialSaleSection
        fundId={parts.fundId}
        companyId={parts.companyId}
        asOf={parts.asOf}
        exitCases={exitCases}
        currency={currency}
      />
    </>
  );
}
