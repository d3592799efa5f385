import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { includesRole, sessionQuery } from "../api/session";
import type { Session } from "../api/wire";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { Refusal } from "../shell/Refusal";
import { RelativeTime } from "../time/RelativeTime";
import { approveChange, rejectChange, withdrawChange } from "./commands";
import { Differences } from "./Differences";
import { differences } from "./differences";
import classes from "./form.module.css";
import { jsonText } from "./json-text";
import list from "./PendingChanges.module.css";
import { flagsQuery, pendingChangesQuery, refetchFlags } from "./queries";
import type { FlagChange, Json } from "./wire";

/** The changes that wait for a second person: of one flag, or of all. Nothing when there are none. */
export function PendingChanges({ flagKey }: { flagKey?: string }) {
  const changes = useQuery(pendingChangesQuery);
  const session = useQuery(sessionQuery).data;
  if (changes.error) {
    return (
      <Failure
        error={changes.error}
        title="The changes that wait could not be loaded"
        onRetry={() => void changes.refetch()}
      />
    );
  }
  const shown = (changes.data ?? []).filter(
    (change) => flagKey === undefined || change.flagKey === flagKey || change.flagKey == null,
  );
  if (shown.length === 0) return null;
  return (
    <section
      className={`${card.card} ${list.card} ${classes.button}`}
      aria-labelledby="pending-changes"
    >
      <header className={card.header}>
        <h2 id="pending-changes" className={card.title}>
          Waiting for a second person
        </h2>
      </header>
      <ul className={list.changes}>
        {shown.map((change) => (
          <Change key={change.id} change={change} session={session} />
        ))}
      </ul>
    </section>
  );
}

const ACTIONS: Readonly<Record<string, string>> = {
  create: "Create",
  change: "Change",
  archive: "Archive",
  restore: "Restore",
  change_set: "Change what all flags share",
  import: "Import flags",
};

function Change({ change, session }: { change: FlagChange; session: Session | undefined }) {
  const queryClient = useQueryClient();
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState("");
  const decision = useMutation({
    mutationFn: (decide: () => Promise<void>) => decide(),
    // A change that does not fit any more is refused and outdated: the list is another, either way.
    onSettled: () => refetchFlags(queryClient),
  });
  const { id, action, flagKey, comment, requestedBy, requestedAt } = change;
  const isOwn = session?.key === requestedBy;
  const decides = !isOwn && includesRole(session, "approver");
  return (
    <li>
      <p className={list.line}>
        <strong>
          {ACTIONS[action] ?? action}{" "}
          {flagKey != null && action !== "create" ? (
            <Link to="/flags/$key" params={{ key: flagKey }}>
              {flagKey}
            </Link>
          ) : (
            flagKey
          )}
        </strong>
        <span>
          {isOwn ? "you" : requestedBy}, <RelativeTime at={requestedAt} />
        </span>
      </p>
      {comment != null && <p>{comment}</p>}
      <Asked change={change} />
      <Refusal error={decision.error} />
      {isOwn ? (
        <div className={classes.actions}>
          <Button
            size="compact-sm"
            variant="default"
            loading={decision.isPending}
            onClick={() => decision.mutate(() => withdrawChange(id))}
          >
            Withdraw
          </Button>
          <span className={classes.text}>You asked for it: somebody else decides.</span>
        </div>
      ) : !decides ? (
        <p className={classes.text}>To decide it takes the role approver.</p>
      ) : rejecting ? (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim() !== "") decision.mutate(() => rejectChange(id, reason.trim()));
          }}
        >
          <TextInput
            label="Why it is rejected"
            required
            maxLength={1000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className={classes.actions}>
            <Button
              type="submit"
              size="compact-sm"
              variant="default"
              disabled={reason.trim() === ""}
              loading={decision.isPending}
            >
              Reject
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={() => setRejecting(false)}
            >
              Cancel
            </Button>
          </div>
        </form>
      ) : (
        <div className={classes.actions}>
          <Button
            size="compact-sm"
            loading={decision.isPending}
            onClick={() => decision.mutate(() => approveChange(id))}
          >
            Approve
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setRejecting(true)}>
            Reject…
          </Button>
        </div>
      )}
    </li>
  );
}

/** What is asked for: against the flag as it is, where it is about one. */
function Asked({ change: { action, flagKey, body, baseVersion } }: { change: FlagChange }) {
  const present = useQuery(flagsQuery).data?.find(({ key }) => key === flagKey);
  if (action === "restore") return <p>{text(body.reason)}</p>;
  const isOutdated =
    (action === "change" || action === "archive") &&
    present !== undefined &&
    present.version !== baseVersion;
  return (
    <>
      {isOutdated && (
        <p className={classes.warning}>
          It was asked for at version {baseVersion}, and the flag is at {present.version} by now: it
          has to be asked for again.
        </p>
      )}
      {action === "change" && present !== undefined ? (
        <Differences of={differences(present.definition, body.definition)} />
      ) : (
        action !== "archive" && <pre className={list.body}>{jsonText(body.definition ?? body)}</pre>
      )}
    </>
  );
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
