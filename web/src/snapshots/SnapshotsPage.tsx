import { Empty } from "../shell/Empty";

export function SnapshotsPage() {
  return (
    <>
      <title>Snapshots · Lotwise</title>
      <Empty title="Snapshots">placeholder</Empty>
    </>
  );
}
