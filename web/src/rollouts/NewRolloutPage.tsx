import { Empty } from "../shell/Empty";

export function NewRolloutPage() {
  return (
    <>
      <title>New rollout · Lotwise</title>
      <Empty title="New rollout">placeholder</Empty>
    </>
  );
}
