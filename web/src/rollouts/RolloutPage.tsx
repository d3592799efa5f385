import { Empty } from "../shell/Empty";

export function RolloutPage() {
  return (
    <>
      <title>Rollout · Lotwise</title>
      <Empty title="Rollout">placeholder</Empty>
    </>
  );
}
