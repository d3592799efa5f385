import { Link } from "@tanstack/react-router";
import { RelativeTime } from "../time/RelativeTime";
import classes from "./FlagsTable.module.css";
import { ageText, exposureText, flagState, metadataText } from "./flag-state";
import { FlagSwitch } from "./KillSwitch";
import { StatePill } from "./StatePill";
import type { Flag, FlagFinding } from "./wire";

/** Flags, one a row. */
export function FlagsTable(props: {
  readonly flags: readonly Flag[];
  readonly findings: readonly FlagFinding[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroller} aria-label="Flags" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Flag</th>
            <th scope="col">State</th>
            <th scope="col">Who gets it</th>
            <th scope="col">Owner</th>
            <th scope="col">Kind</th>
            <th scope="col">Age</th>
            <th scope="col">Last used</th>
            <th scope="col">Findings</th>
            <th scope="col">
              <span className={classes.hidden}>Kill or restore</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.flags.map((flag) => (
            <Row
              key={flag.key}
              flag={flag}
              findings={props.findings.filter((finding) => finding.flag === flag.key)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ flag, findings }: { flag: Flag; findings: readonly FlagFinding[] }) {
  const { key, owner, kind, usage } = flag;
  return (
    <tr>
      <th scope="row">
        <Link to="/flags/$key" params={{ key }} className={classes.key}>
          {key}
        </Link>
        <span className={classes.description}>{metadataText(flag, "description")}</span>
      </th>
      <td>
        <StatePill state={flagState(flag)} />
      </td>
      <td>{exposureText(flag)}</td>
      <td>{owner ?? "–"}</td>
      <td>{kind ?? "–"}</td>
      <td>{ageText(flag, new Date())}</td>
      <td>
        {usage.lastEvaluatedAt == null ? "never" : <RelativeTime at={usage.lastEvaluatedAt} />}
      </td>
      <td>
        {findings.length === 0 ? (
          "–"
        ) : (
          <ul className={classes.findings}>
            {findings.map(({ code, path, message }) => (
              <li key={`${code} ${path}`} title={`${path} ${message}`}>
                {code.replaceAll("_", " ")}
              </li>
            ))}
          </ul>
        )}
      </td>
      <td className={classes.action}>
        <FlagSwitch flagKey={key} killed={flag.killed} />
      </td>
    </tr>
  );
}
