import { Empty } from "../shell/Empty";

export function ReservesPage() {
  return (
    <>
      <title>Reserves · Lotwise</title>
      <Empty title="Reserves">placeholder</Empty>
    </>
  );
}
