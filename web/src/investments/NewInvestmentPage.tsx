import { Empty } from "../shell/Empty";

export function NewInvestmentPage() {
  return (
    <>
      <title>New investment · Lotwise</title>
      <Empty title="New investment">placeholder</Empty>
    </>
  );
}
