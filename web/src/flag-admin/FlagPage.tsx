import { Empty } from "../shell/Empty";

export function FlagPage() {
  return (
    <>
      <title>Flag · Lotwise</title>
      <Empty title="Flag">placeholder</Empty>
    </>
  );
}
