import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { RelativeTime } from "../time/RelativeTime";
import { Differences } from "./Differences";
import classes from "./FlagHistory.module.css";
import { auditQuery, versionsQuery } from "./queries";
import type { AuditEntry, FlagVersion, Json } from "./wire";

/** The versions of a flag's definition with what each changed, and the audit log of everything done to it. */
export function FlagHistory({ flagKey }: { flagKey: string }) {
  const versions = useQuery(versionsQuery(flagKey));
  const audit = useQuery(auditQuery(flagKey));
  return (
    <div className={classes.both}>
      <section className={card.card} aria-labelledby="versions">
        <header className={card.header}>
          <h2 id="versions" className={card.title}>
            Versions
          </h2>
        </header>
        {versions.error ? (
          <Failure
            error={versions.error}
            title="The versions could not be loaded"
            onRetry={() => void versions.refetch()}
          />
        ) : versions.data === undefined ? (
          <Skeleton height={120} radius={8} />
        ) : versions.data.length === 0 ? (
          <p className={classes.nothing}>
            Nobody has changed the definition: it is as the program brings it.
          </p>
        ) : (
          <ol className={classes.list}>
            {versions.data.map((version) => (
              <Version key={version.version} version={version} />
            ))}
          </ol>
        )}
      </section>
      <section className={card.card} aria-labelledby="audit">
        <header className={card.header}>
          <h2 id="audit" className={card.title}>
            Audit
          </h2>
          <span className={card.aside}>everything done to it, newest first</span>
        </header>
        {audit.error ? (
          <Failure
            error={audit.error}
            title="The audit log could not be loaded"
            onRetry={() => void audit.refetch()}
          />
        ) : audit.data === undefined ? (
          <Skeleton height={120} radius={8} />
        ) : audit.data.length === 0 ? (
          <p className={classes.nothing}>Nothing was done to this flag yet.</p>
        ) : (
          <ol className={classes.list}>
            {audit.data.map((entry) => (
              <Entry key={entry.sequence} entry={entry} />
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}

function Version({ version }: { version: FlagVersion }) {
  const { version: number, at, by, comment, archived, changes } = version;
  return (
    <li>
      <p className={classes.line}>
        <strong>Version {number}</strong>
        <span>{by}</span>
        <RelativeTime at={at} />
      </p>
      {comment != null && <p className={classes.comment}>{comment}</p>}
      {archived ? (
        <p className={classes.comment}>Archived.</p>
      ) : changes.length === 0 ? (
        <p className={classes.nothing}>
          {number === 1 ? "The first version." : "The definition is the same as before."}
        </p>
      ) : (
        <Differences of={changes} />
      )}
    </li>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { at, actor, action, details, sequence, hash } = entry;
  const facts = Object.entries(details).filter(([, value]) => value !== null);
  return (
    <li>
      <p className={classes.line}>
        <strong>{action}</strong>
        <span>{actor}</span>
        <RelativeTime at={at} />
      </p>
      {facts.length > 0 && (
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{shown(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      <p className={classes.nothing}>
        Entry {sequence}, <code title={hash}>{hash.slice(0, 12)}</code>
      </p>
    </li>
  );
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
