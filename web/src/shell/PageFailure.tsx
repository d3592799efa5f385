import { RequestFailed } from "../api/problem";
import { Failure } from "./Failure";
import { SignIn } from "./SignIn";

/** A page that cannot be shown at all; without a session that means signing in. */
export function PageFailure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (error instanceof RequestFailed && error.isSignedOut) return <SignIn />;
  return (
    <>
      <title>Lotwise</title>
      <Failure error={error} title="This page could not be loaded" onRetry={onRetry} />
    </>
  );
}
