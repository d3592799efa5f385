import { Button } from "@mantine/core";
import { RequestFailed } from "../api/problem";
import { type Doing, type FailureText, failureText } from "./failure-text";
import classes from "./imports.module.css";

/** Findings that are listed one by one; more of them would bury the page. */
const DETAILS_SHOWN_MAX = 20;

interface Props {
  readonly error: Error;
  readonly doing: Doing;
  readonly onRetry?: (() => void) | undefined;
}

/** Why something of an import was not done, what is still there, and what can be done now. */
export function FailurePanel({ error, doing, onRetry }: Props) {
  const requestId = error instanceof RequestFailed ? error.requestId : null;
  return <FailureNotice text={failureText(error, doing)} requestId={requestId} onRetry={onRetry} />;
}

interface NoticeProps {
  readonly text: FailureText;
  readonly requestId?: string | null;
  readonly onRetry?: (() => void) | undefined;
}

export function FailureNotice({ text: failure, requestId = null, onRetry }: NoticeProps) {
  const { title, text, details, canRetry } = failure;
  const more = details.length - DETAILS_SHOWN_MAX;
  return (
    <div role="alert" className={classes.failure}>
      <strong>{title}</strong>
      <p>{text}</p>
      {details.length > 0 && (
        <ul>
          {details.slice(0, DETAILS_SHOWN_MAX).map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
          {more > 0 && <li>and {more.toLocaleString("en-US")} more</li>}
        </ul>
      )}
      {requestId !== null && (
        <p className={classes.muted}>
          Request <code>{requestId}</code>
        </p>
      )}
      {canRetry && onRetry && (
        <Button
          size="compact-sm"
          variant="light"
          className={classes.action ?? ""}
          onClick={onRetry}
        >
          Try again
        </Button>
      )}
    </div>
  );
}
