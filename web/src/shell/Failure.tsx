import { Button } from "@mantine/core";
import { RequestFailed } from "../api/problem";
import classes from "./Failure.module.css";

interface Props {
  readonly error: Error;
  readonly title: string;
  readonly onRetry: () => void;
}

/** Something could not be loaded: what, why, the id to report, and another try. */
export function Failure({ error, title, onRetry }: Props) {
  const requestId = error instanceof RequestFailed ? error.requestId : null;
  return (
    <div role="alert" className={classes.panel}>
      <h2 className={classes.title}>{title}</h2>
      <p>{error.message}</p>
      {requestId !== null && (
        <p className={classes.request}>
          Request <code>{requestId}</code>
        </p>
      )}
      <Button size="compact-sm" variant="light" onClick={onRetry} className={classes.action}>
        Try again
      </Button>
    </div>
  );
}
