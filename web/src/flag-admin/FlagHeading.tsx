import type { ReactNode } from "react";
import { mayChangeFlags } from "../api/session";
import type { Session } from "../api/wire";
import { RelativeTime } from "../time/RelativeTime";
import { ArchiveFlag } from "./ArchiveFlag";
import classes from "./FlagPage.module.css";
import { ageText, exposureText, flagState, metadataText } from "./flag-state";
import { FlagSwitch } from "./KillSwitch";
import { StatePill } from "./StatePill";
import type { Flag } from "./wire";

/** What a flag is and how it stands, with what to know and what to look at. */
export function FlagHeading({ flag, session }: { flag: Flag; session: Session }) {
  const { key, usage, optOuts, killed, changedAt, changedBy, reason } = flag;
  const variants = Object.entries(usage.variants).map(
    ([variant, count]) => `${variant === "" ? "none" : variant} ${count}`,
  );
  const isStoredOnly = flag.source === "stored" && flag.environmentSwitch == null;
  return (
    <header className={classes.header}>
      <div className={classes.heading}>
        <h1 className={classes.title}>{key}</h1>
        <StatePill state={flagState(flag)} />
        {!flag.archived && (
          <div className={classes.actions}>
            {isStoredOnly && mayChangeFlags(session) && (
              <ArchiveFlag flag={flag} waits={session.fourEyes} />
            )}
            <FlagSwitch flagKey={key} killed={killed} />
          </div>
        )}
      </div>
      <p className={classes.description}>{metadataText(flag, "description")}</p>
      <dl className={classes.facts}>
        <Fact name="Who gets it">{exposureText(flag)}</Fact>
        <Fact name="Owner">{flag.owner ?? "–"}</Fact>
        <Fact name="Kind">{flag.kind ?? "–"}</Fact>
        <Fact name="Age">{ageText(flag, new Date())}</Fact>
        <Fact name="Last used">
          {usage.lastEvaluatedAt == null ? "never" : <RelativeTime at={usage.lastEvaluatedAt} />}
        </Fact>
        <Fact name="Answers">{variants.length === 0 ? "–" : variants.join(", ")}</Fact>
        <Fact name="Opted out">
          {optOuts.current === 1 ? "1 user" : `${optOuts.current} users`}
          {optOuts.lastHour > 0 && `, ${optOuts.lastHour} in the last hour`}
        </Fact>
        <Fact name="Version">
          {flag.version} <span className={classes.source}>{flag.source}</span>
        </Fact>
      </dl>
      {changedAt != null && (
        <p className={killed ? classes.notice : classes.past}>
          {killed ? "Killed" : "Restored"} <RelativeTime at={changedAt} /> by {changedBy}
          {reason != null && `: ${reason}`}
        </p>
      )}
      {flag.notes.map((note) => (
        <p key={note} className={classes.notice}>
          {note}
        </p>
      ))}
      {flag.staleness.map(({ code, path, message }) => (
        <p key={`${code} ${path}`} className={classes.notice}>
          <strong>{code.replaceAll("_", " ")}</strong> <code>{path}</code> {message}
        </p>
      ))}
    </header>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
