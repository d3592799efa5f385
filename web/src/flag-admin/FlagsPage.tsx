import { Empty } from "../shell/Empty";

export function FlagsPage() {
  return (
    <>
      <title>Flags · Lotwise</title>
      <Empty title="Flags">placeholder</Empty>
    </>
  );
}
