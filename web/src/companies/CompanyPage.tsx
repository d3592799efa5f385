import { Empty } from "../shell/Empty";

export function CompanyPage() {
  return (
    <>
      <title>Company · Lotwise</title>
      <Empty title="Company">placeholder</Empty>
    </>
  );
}
