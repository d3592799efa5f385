import { RequestFailed } from "../api/problem";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";

interface Props {
  readonly error: Error;
  /** What was asked for, such as "tokens". */
  readonly what: string;
  readonly onRetry: () => void;
}

/** What cannot be shown: to this person, in the server's words, or at all. */
export function Refused({ error, what, onRetry }: Props) {
  if (error instanceof RequestFailed && error.status === 403) {
    return (
      <Empty title={`You may not administer ${what}`}>
        The server says: {error.message}. Ask an administrator if you need to.
      </Empty>
    );
  }
  return <Failure error={error} title={`The ${what} could not be loaded`} onRetry={onRetry} />;
}
