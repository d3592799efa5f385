import { Section } from "../shell/Section";
import { TableRegion } from "../shell/TableRegion";
import { counted } from "./count-words";
import classes from "./imports.module.css";
import { bySheet, cellText, type ProblemGroup, shownOf } from "./problem-groups";
import type { ImportProblem } from "./wire";

interface Props {
  readonly problems: readonly ImportProblem[];
  /** Of all, also those that are not listed. */
  readonly total: number;
}

/** What is wrong with the file, at the places where it stands. */
export function Problems({ problems, total }: Props) {
  if (total === 0) return null;
  return (
    <Section
      title={counted(total, "problem")}
      aside={`${shownOf(problems.length, total) ?? ""} Correct them in the file, then choose it again.`}
    >
      <PlaceTables what="Problems" problems={problems} />
    </Section>
  );
}

/** What is worth knowing about the file and stands in nobody's way. */
export function Warnings({ problems, total }: Props) {
  if (total === 0) return null;
  const shown = shownOf(problems.length, total);
  return (
    <details className={classes.details}>
      <summary>
        {counted(total, "warning")}, which {total === 1 ? "does" : "do"} not stand in the way
      </summary>
      {shown && <p className={classes.muted}>{shown}</p>}
      <PlaceTables what="Warnings" problems={problems} />
    </details>
  );
}

type What = "Problems" | "Warnings";

function PlaceTables({ what, problems }: { what: What; problems: readonly ImportProblem[] }) {
  return (
    <div className={classes.tables}>
      {bySheet(problems).map(({ sheet, problems: found }) => (
        <div key={sheet ?? ""}>
          {sheet !== null && (
            <h3 className={classes.sheet}>
              {sheet}{" "}
              <span className={classes.muted}>
                {counted(found.length, what === "Problems" ? "problem" : "warning")}
              </span>
            </h3>
          )}
          <PlaceTable what={what} sheet={sheet} problems={found} />
        </div>
      ))}
    </div>
  );
}

function PlaceTable({ what, sheet, problems }: ProblemGroup & { what: What }) {
  // An object has a column only where some problem has one: files of a package.
  const hasObjects = problems.some(({ object }) => object != null);
  return (
    <div className={classes.wrapping}>
      <TableRegion label={sheet === null ? what : `${what} in ${sheet}`}>
        <thead>
          <tr>
            <th scope="col" data-number>
              Row
            </th>
            {hasObjects && <th scope="col">Object</th>}
            <th scope="col">Column</th>
            <th scope="col">Value</th>
            <th scope="col">{what === "Problems" ? "What is wrong" : "What to know"}</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two problems may be alike, and the list never changes
            <tr key={index}>
              <td data-number>{problem.row ?? "–"}</td>
              {hasObjects && <td>{problem.object ?? "–"}</td>}
              <td>{problem.column ?? "–"}</td>
              <td>
                {cellText(problem) === null ? (
                  <span className={classes.muted}>nothing</span>
                ) : (
                  <code>{cellText(problem)}</code>
                )}
              </td>
              <td>{problem.message}</td>
            </tr>
          ))}
        </tbody>
      </TableRegion>
    </div>
  );
}
