import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { LensSummary } from "../lenses/LensSummary";
import { lensReport } from "../lenses/report";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { Section } from "../shell/Section";
import { snapshotQuery } from "./queries";

/** The fund's lenses as a snapshot keeps them. */
export function ShownSnapshot(props: { id: string; isOn: boolean; currency: string }) {
  const { id, isOn, currency } = props;
  const { data: snapshot, error, refetch } = useQuery(snapshotQuery(id, isOn));
  if (error) {
    return (
      <Failure
        error={error}
        title="This snapshot could not be loaded"
        onRetry={() => void refetch()}
      />
    );
  }
  if (!snapshot) return <Skeleton height={150} radius={10} aria-label="Loading the snapshot" />;
  if (!snapshot.result) {
    return (
      <FeatureOff title={snapshot.name} message="The result of this snapshot is not shown">
        {snapshot.resultWithheld
          ? "Lot-level MOIC is switched off. The result is kept, and shown again with the feature."
          : "The snapshot is not complete yet."}
      </FeatureOff>
    );
  }
  const { fund, asOf, coverage } = lensReport(snapshot.result);
  return (
    <Section title={snapshot.name} aside={`engine ${snapshot.engineVersion ?? "unknown"}`}>
      <LensSummary lenses={fund} currency={currency} asOf={asOf} coverage={coverage} />
    </Section>
  );
}
