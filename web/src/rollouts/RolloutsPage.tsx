import { Empty } from "../shell/Empty";

export function RolloutsPage() {
  return (
    <>
      <title>Rollouts · Lotwise</title>
      <Empty title="Rollouts">placeholder</Empty>
    </>
  );
}
