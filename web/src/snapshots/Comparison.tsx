import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { formatDate } from "../money/format";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { Section } from "../shell/Section";
import { CompanyChanges, FundChanges } from "./ComparisonTables";
import { comparisonQuery } from "./queries";
import type { Snapshot } from "./wire";

const route = getRouteApi("/funds/$fundId/snapshots");

interface Props {
  readonly a: string;
  readonly b: string;
  readonly isOn: boolean;
  readonly fundId: number;
}

/** What changed from one snapshot to another, lens by lens, and why. */
export function Comparison({ a, b, isOn, fundId }: Props) {
  const { data, error, refetch } = useQuery(comparisonQuery(a, b, isOn));
  const navigate = route.useNavigate();
  if (error instanceof RequestFailed && error.isFeatureDisabled) {
    return (
      <FeatureOff title="Comparison" message={error.message}>
        Both snapshots are kept and can be compared again when it returns. Meanwhile the{" "}
        <Link to="/funds/$fundId" params={{ fundId: String(fundId) }}>
          portfolio shows the simple MOIC
        </Link>
        .
      </FeatureOff>
    );
  }
  if (error) {
    return (
      <Failure
        error={error}
        title="These snapshots could not be compared"
        onRetry={() => void refetch()}
      />
    );
  }
  if (!data) return <Skeleton height={260} radius={10} aria-label="Loading the comparison" />;
  return (
    <Section
      title={`From ${data.a.name} to ${data.b.name}`}
      aside={
        <>
          {dates(data.a, data.b)}{" "}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() =>
              void navigate({
                search: (from) => ({ ...from, a: b, b: a }),
                replace: true,
                resetScroll: false,
              })
            }
          >
            Swap
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() =>
              void navigate({
                search: ({ a: _a, b: _b, ...rest }) => rest,
                replace: true,
                resetScroll: false,
              })
            }
          >
            Close
          </Button>
        </>
      }
    >
      <FundChanges comparison={data} />
      <CompanyChanges companies={data.companies} />
    </Section>
  );
}

function dates(a: Snapshot, b: Snapshot): string {
  return a.asOf === b.asOf
    ? `both as of ${formatDate(a.asOf)}`
    : `as of ${formatDate(a.asOf)}, then ${formatDate(b.asOf)}`;
}
