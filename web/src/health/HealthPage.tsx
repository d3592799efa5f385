import { Empty } from "../shell/Empty";

export function HealthPage() {
  return (
    <>
      <title>Health · Lotwise</title>
      <Empty title="Health">placeholder</Empty>
    </>
  );
}
