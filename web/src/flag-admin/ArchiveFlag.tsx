import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog } from "../shell/Dialog";
import { Refusal } from "../shell/Refusal";
import { archiveFlag } from "./commands";
import classes from "./form.module.css";
import { refetchFlags } from "./queries";
import type { Flag } from "./wire";

/** Takes a flag out of use, after asking once. */
export function ArchiveFlag({ flag, waits }: { flag: Flag; waits: boolean }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const archival = useMutation({
    mutationFn: () => archiveFlag(flag.key, flag.version),
    onSuccess: () => setAsking(false),
    onSettled: () => refetchFlags(queryClient),
  });
  function close(): void {
    archival.reset();
    setAsking(false);
  }
  return (
    <>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setAsking(true)}>
        Archive…
      </Button>
      {asking && (
        <Dialog title={`Archive ${flag.key}`} onClose={close}>
          <div className={classes.form}>
            <p className={classes.text}>
              Whoever asks for it is told that there is no such flag, and takes their own default.
              {flag.usage.lastEvaluatedAt == null
                ? " Nobody has asked for it so far."
                : " It is asked for: see when it was last used."}{" "}
              Its history is kept; creating it again brings it back.
              {waits && " Here that waits for a second person."}
            </p>
            <Refusal error={archival.error} />
            <div className={classes.actions}>
              <button
                type="button"
                className={classes.danger}
                disabled={archival.isPending}
                onClick={() => archival.mutate()}
              >
                {waits ? "Ask for it" : "Archive"}
              </button>
              <Button variant="subtle" color="gray" size="sm" onClick={close}>
                Cancel
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </>
  );
}
