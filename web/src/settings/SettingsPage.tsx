import { Empty } from "../shell/Empty";

export function SettingsPage() {
  return (
    <>
      <title>Settings · Lotwise</title>
      <Empty title="Settings">placeholder</Empty>
    </>
  );
}
