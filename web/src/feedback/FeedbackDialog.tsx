import { Button, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { api, body } from "../api/client";
import { RequestFailed } from "../api/problem";
import { newSubmissionKey } from "../api/submission-key";
import { FEATURE } from "../flags/overrides";
import { Dialog } from "../shell/Dialog";
import classes from "./FeedbackDialog.module.css";

/** The server keeps no longer answers. */
const COMMENT_LENGTH_MAX = 1000;

/** What somebody is about to say; it is kept while the dialog is closed. */
export interface Said {
  readonly useful: boolean | null;
  readonly comment: string;
}

interface Props {
  readonly said: Said;
  readonly onChange: (said: Said) => void;
  readonly onClose: () => void;
}

/** Asks whether the new calculations are useful, and why. */
export default function FeedbackDialog({ said, onChange, onClose }: Props) {
  const [isMissing, setIsMissing] = useState(false);
  const submission = useRef({ key: newSubmissionKey(), said });
  const sending = useMutation({
    mutationFn: ({ useful, comment }: { useful: boolean; comment: string }) => {
      // The same words again are the same feedback; others are feedback of their own.
      if (submission.current.said !== said) submission.current = { key: newSubmissionKey(), said };
      const why = comment.trim();
      return body(
        api.POST("/api/feedback", {
          params: { header: { "Idempotency-Key": submission.current.key } },
          body: { flag: FEATURE, useful, ...(why === "" ? {} : { comment: why }) },
        }),
      );
    },
    onSuccess: () => onChange({ useful: null, comment: "" }),
  });

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const { useful, comment } = said;
    setIsMissing(useful === null);
    if (useful !== null) sending.mutate({ useful, comment });
  }

  if (sending.isSuccess) {
    return (
      <Dialog title="Thank you" onClose={onClose}>
        <p>Your feedback is recorded. It counts when the rollout decides whether to go on.</p>
        <div className={classes.actions}>
          <Button size="sm" onClick={onClose}>
            Close
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Is lot-level MOIC useful to you?" onClose={onClose}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <fieldset
          className={classes.choice}
          aria-describedby={isMissing ? "useful-error" : undefined}
        >
          <legend className={classes.legend}>Your judgement</legend>
          {[true, false].map((useful) => (
            <label key={String(useful)}>
              <input
                type="radio"
                name="useful"
                checked={said.useful === useful}
                onChange={() => {
                  setIsMissing(false);
                  onChange({ ...said, useful });
                }}
              />
              {useful ? "Useful" : "Not useful"}
            </label>
          ))}
          {isMissing && (
            <p id="useful-error" role="alert" className={classes.failure}>
              Choose one of the two.
            </p>
          )}
        </fieldset>
        <Textarea
          label="Why?"
          description={`Optional, up to ${COMMENT_LENGTH_MAX} characters`}
          rows={4}
          maxLength={COMMENT_LENGTH_MAX}
          value={said.comment}
          onChange={(event) => onChange({ ...said, comment: event.currentTarget.value })}
        />
        {sending.error && <Refused error={sending.error} />}
        <div className={classes.actions}>
          <Button size="sm" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button size="sm" type="submit" loading={sending.isPending}>
            Send
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Refused({ error }: { error: Error }) {
  const failed = error instanceof RequestFailed ? error : null;
  const next = {
    409: "The same feedback is still being sent. Try again in a moment.",
    429: "Too much was sent in a short time. Try again in a moment.",
    503: "The server cannot take feedback now. What you wrote stays here.",
  }[failed?.status ?? 0];
  return (
    <p role="alert" className={classes.failure}>
      {error.message}
      {next && ` ${next}`}
      {failed?.requestId && (
        <>
          {" "}
          Request <code>{failed.requestId}</code>
        </>
      )}
    </p>
  );
}
