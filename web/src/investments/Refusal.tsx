import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import classes from "./Refusal.module.css";
import { problemsOf } from "./wire-bodies";

interface Props {
  readonly failure: Error | null;
  /** Whether the investment is recorded while its lot is not. */
  readonly isRecorded: boolean;
  readonly onLeave: () => void;
}

/** Why the form was not recorded, what of it was, and what can be done now. */
export function Refusal({ failure, isRecorded, onLeave }: Props) {
  if (failure === null && !isRecorded) return null;
  const requestId = failure instanceof RequestFailed ? failure.requestId : null;
  const isOff = failure instanceof RequestFailed && failure.isFeatureDisabled;
  return (
    <div role="alert" className={classes.refusal}>
      {failure && <strong>{summary(failure)}</strong>}
      {failure && advice(failure) && <p>{advice(failure)}</p>}
      {isRecorded ? (
        <>
          <p>
            The investment itself is recorded and counts in the simple MOIC; its lot is not. What
            you typed is still here: record the lot now or when you come back, or leave the
            investment without one.
          </p>
          <Button size="compact-sm" variant="light" onClick={onLeave}>
            Leave it without a lot
          </Button>
        </>
      ) : (
        <p>Nothing was recorded, and what you typed is still here.</p>
      )}
      {isOff && !isRecorded && (
        <Link from="/funds/$fundId/investments/new" search={(s) => ({ ...s, form: "legacy" })}>
          Use the legacy form
        </Link>
      )}
      {requestId !== null && (
        <p className={classes.request}>
          Request <code>{requestId}</code>
        </p>
      )}
    </div>
  );
}

/** The server's sentence; where its findings stand at the fields already, only that they do. */
function summary(failure: Error): string {
  const isAtFields =
    failure instanceof RequestFailed && Object.keys(problemsOf(failure)).length > 0;
  return isAtFields ? "Correct what is marked above." : failure.message.replace(/\.?$/, ".");
}

function advice(failure: Error): string | null {
  if (!(failure instanceof RequestFailed)) return null;
  switch (failure.status) {
    case 409:
      return "The same form is being recorded already. Wait a moment, then send it again: it is not recorded twice.";
    case 429:
      return "Too many requests at once. Wait a moment, then send it again.";
    case 503:
      return failure.isFeatureDisabled
        ? null
        : "The server is busy. Wait a moment, then send it again: it is not recorded twice.";
    default:
      return null;
  }
}
