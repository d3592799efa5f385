import { RequestFailed } from "../api/problem";
import { failureTitle } from "./failure-words";
import classes from "./SendingFailure.module.css";

/** Says beside a form why it was not taken. What was typed stays. */
export function SendingFailure({ error }: { error: Error | null }) {
  if (error === null) return null;
  const requestId = error instanceof RequestFailed ? error.requestId : null;
  return (
    <div role="alert" className={classes.failure}>
      <strong>{failureTitle(error)}.</strong> {error.message}
      {requestId !== null && (
        <span className={classes.request}>
          Request <code>{requestId}</code>
        </span>
      )}
    </div>
  );
}
