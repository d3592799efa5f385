import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Failure } from "../shell/Failure";
import classes from "./Details.module.css";
import { policyQuery } from "./queries";
import type { Rollout } from "./wire";

/** The policy that the rollout follows, as it was handed in. */
export function PolicyText({ rollout }: { rollout: Rollout }) {
  const policy = useQuery(policyQuery(rollout.id));
  if (policy.error)
    return (
      <Failure
        error={policy.error}
        title="The policy could not be loaded"
        onRetry={() => void policy.refetch()}
      />
    );
  if (!policy.data) return <Skeleton height={240} radius={8} aria-label="Loading" />;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.policy} tabIndex={0} aria-label="Policy">
        <pre>{policy.data.policy}</pre>
      </section>
      <p className={classes.note}>
        Its hash stands in every decision: <code>{policy.data.policyHash}</code>
      </p>
    </>
  );
}
