import { RequestFailed } from "../api/problem";
import { fieldProblems } from "./field-problems";
import classes from "./SettingsPage.module.css";

interface Props {
  readonly error: Error | null;
  /** Fields that show their own problems. */
  readonly fields: readonly string[];
}

/** Why a form was not taken, where no field of it says so; nothing that was typed is lost. */
export function SubmissionFailure({ error, fields }: Props) {
  if (error === null) return null;
  const problems = Object.keys(fieldProblems(error));
  if (problems.length > 0 && problems.every((field) => fields.includes(field))) return null;
  const requestId = error instanceof RequestFailed ? error.requestId : null;
  return (
    <p role="alert" className={`${classes.failure} ${classes.whole}`}>
      {advice(error)}
      {requestId !== null && (
        <>
          {" "}
          Request <code>{requestId}</code>
        </>
      )}
    </p>
  );
}

function advice(error: Error): string {
  const status = error instanceof RequestFailed ? error.status : null;
  switch (status) {
    case 403:
      return `You may not do this: ${error.message}.`;
    case 409:
      return "The first try is still being worked on. Try again in a moment; nothing is created twice.";
    case 429:
      return "The server asks for a pause. Wait a moment and try again; what you typed is kept.";
    case 503:
      return `The server is busy: ${error.message}. Try again; what you typed is kept.`;
    default:
      return `${error.message} What you typed is kept.`;
  }
}
