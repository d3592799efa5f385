import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import { Empty } from "../shell/Empty";
import { PageFailure } from "../shell/PageFailure";

/** `/`: the first fund that the person may see. */
export function FirstFund() {
  const funds = useQuery(fundsQuery);
  if (funds.error) {
    return <PageFailure error={funds.error} onRetry={() => void funds.refetch()} />;
  }
  if (!funds.data) {
    return <Skeleton height={180} aria-label="Loading funds" />;
  }
  const [first] = funds.data;
  if (!first) {
    return (
      <>
        <title>Lotwise</title>
        <Empty title="No fund yet">
          Create one with <code>POST /api/funds</code>, or ask for access to an existing one.
        </Empty>
      </>
    );
  }
  return <Navigate to="/funds/$fundId" params={{ fundId: String(first.id) }} replace />;
}
