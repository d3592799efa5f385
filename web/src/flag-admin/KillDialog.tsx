import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { sessionQuery } from "../api/session";
import { FEATURE } from "../flags/overrides";
import { Dialog } from "../shell/Dialog";
import { Refusal } from "../shell/Refusal";
import { RelativeTime } from "../time/RelativeTime";
import { killFlag, restoreFlag } from "./commands";
import { afterRestore } from "./flag-state";
import classes from "./form.module.css";
import { flagQuery, refetchFlags } from "./queries";

export interface KillDialogProps {
  readonly flagKey: string;
  readonly act: "kill" | "restore";
  /** What the flag stands for, in the words of its users. */
  readonly feature: string;
  readonly onClose: () => void;
}

/** Asks for the reason of a kill or a restore, and carries it out. */
export function KillDialog({ flagKey, act, feature, onClose }: KillDialogProps) {
  const queryClient = useQueryClient();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const command = useMutation({
    mutationFn: (text: string) => carryOut(act, flagKey, text),
    onSuccess: async (left) => {
      await refetchFlags(queryClient);
      if (left.length === 0) onClose();
    },
  });

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const text = reason.trim();
    setMissing(text === "");
    if (text !== "") command.mutate(text);
  }

  const ofReason =
    command.error instanceof RequestFailed
      ? command.error.problem.details?.find(({ path }) => path === "reason")?.message
      : undefined;
  return (
    <Dialog title={`${act === "kill" ? "Kill" : "Restore"} ${feature}`} onClose={onClose}>
      {command.data === undefined ? (
        <form className={classes.form} onSubmit={submit} noValidate>
          {act === "kill" ? <KillText flagKey={flagKey} /> : <RestoreText flagKey={flagKey} />}
          <TextInput
            label="Reason"
            description="Kept in the audit log with your name."
            required
            maxLength={1000}
            autoComplete="off"
            value={reason}
            error={missing ? "Say why: others will want to know." : ofReason}
            onChange={(event) => {
              setReason(event.currentTarget.value);
              setMissing(false);
            }}
          />
          {ofReason === undefined && <Refusal error={command.error} />}
          <div className={classes.actions}>
            <button
              type="submit"
              className={act === "kill" ? classes.danger : classes.confirm}
              disabled={command.isPending}
            >
              {act === "kill" ? "Kill for everyone" : "Restore"}
            </button>
            <Button variant="subtle" color="gray" size="sm" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </form>
      ) : (
        <div className={classes.form}>
          {command.data.map((text) => (
            <p key={text} role="status" className={classes.warning}>
              {text}
            </p>
          ))}
          <div className={classes.actions}>
            <Button size="sm" onClick={onClose}>
              Close
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

/** Carries it out. What is left to know or to do; nothing when all is done. */
async function carryOut(
  act: KillDialogProps["act"],
  flagKey: string,
  reason: string,
): Promise<readonly string[]> {
  if (act === "kill") {
    const flag = await killFlag(flagKey, reason);
    return flag.killPending
      ? [
          "Killed at this server only: the database is away. The kill reaches the other servers as soon as it is back. Until then, kill at each of them.",
        ]
      : [];
  }
  const edited = await restoreFlag(flagKey, reason);
  if (edited.kind === "waits") {
    return ["The restore waits for a second person. It is listed on the page of the flag."];
  }
  return edited.flag.notes;
}

function KillText({ flagKey }: { flagKey: string }) {
  return (
    <p className={classes.text}>
      Off for everyone, on every server, from the next request on; nothing overrides it.
      {flagKey === FEATURE && " Pages show the simple MOIC and say that the lenses are away."} A
      rollout under way is rolled back. No data is lost. It stays off until somebody restores it.
    </p>
  );
}

function RestoreText({ flagKey }: { flagKey: string }) {
  const flag = useQuery(flagQuery(flagKey)).data;
  const waits = useQuery(sessionQuery).data?.fourEyes === true;
  return (
    <>
      {flag?.changedAt != null && flag.killed && (
        <p className={classes.text}>
          Killed <RelativeTime at={flag.changedAt} /> by {flag.changedBy}: {flag.reason}
        </p>
      )}
      <p className={classes.text}>
        A restore lifts the kill and nothing else. {flag && <strong>{afterRestore(flag)}</strong>} A
        rollout that the kill ended does not go on.
      </p>
      {waits && <p className={classes.text}>Here a restore waits for a second person.</p>}
      {flag?.notes.map((note) => (
        <p key={note} className={classes.warning}>
          {note}
        </p>
      ))}
    </>
  );
}
