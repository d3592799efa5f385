import type { FieldProblem } from "./definition-draft";
import classes from "./form.module.css";

/** The problems of a field, for its `error`; null without any. Those within a JSON text say where in it. */
export function fieldProblems(
  field: string,
  problems: readonly FieldProblem[] | undefined,
): React.ReactNode {
  if (problems === undefined) return null;
  return problems.map(({ path, message, value }) => (
    <span key={`${path} ${message}`} className={classes.problem}>
      {path !== field && path !== "" && path !== `metadata.${field}` && (
        <>
          <code>{path}</code>{" "}
        </>
      )}
      {message}
      {path !== field && value !== "" && (
        <>
          {" "}
          (it is <code>{value}</code>)
        </>
      )}
    </span>
  ));
}

/** Problems that belong to no field of a form. */
export function FormProblems({ problems }: { problems: readonly FieldProblem[] | undefined }) {
  if (problems === undefined) return null;
  return (
    <ul className={classes.problems}>
      {problems.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path === "" ? "definition" : path}</code> {message}
        </li>
      ))}
    </ul>
  );
}
