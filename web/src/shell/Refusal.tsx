import { RequestFailed } from "../api/problem";
import classes from "./Refusal.module.css";

/** Why what somebody asked for was not done, beside the form it was asked with. */
export function Refusal({ error }: { error: Error | null }) {
  if (error === null) return null;
  const requestId = error instanceof RequestFailed ? error.requestId : null;
  return (
    <div role="alert" className={classes.refusal}>
      <p>{refusalText(error)}</p>
      {requestId !== null && (
        <p className={classes.request}>
          Request <code>{requestId}</code>
        </p>
      )}
    </div>
  );
}

/** The server's own words, and what to do where they do not say it. */
export function refusalText(error: Error): string {
  if (!(error instanceof RequestFailed)) return error.message;
  switch (error.status) {
    case 401:
      return "You are signed out. Sign in in another tab and try again; what you typed stays here.";
    case 429:
      return "Too many requests at the moment. Wait a few seconds and try again.";
    case 503:
      return `Nothing was changed, and what you typed is kept: ${error.message}.`;
    default:
      return error.message;
  }
}
