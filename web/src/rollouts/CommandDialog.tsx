import { Button } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { RequestFailed } from "../api/problem";
import { useModal } from "../shell/use-modal";
import classes from "./CommandDialog.module.css";
import dangerous from "./dangerous.module.css";
import { SendingFailure } from "./SendingFailure";

const REASON_LENGTH_MAX = 1000;

interface Props {
  readonly title: string;
  /** What will happen, before anything is sent. */
  readonly explanation: ReactNode;
  /** What the required text is called: a reason, or what a signature rests on. */
  readonly label: string;
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** Further fields, below the text. */
  readonly children?: ReactNode;
  readonly onConfirm: (text: string) => void;
  readonly onClose: () => void;
}

/** Asks once before something is done, with a required text that is kept in the audit log. */
export function CommandDialog(props: Props) {
  const { title, explanation, label, confirm, isDangerous = false, isBusy, error } = props;
  const { titleId, dialog } = useModal(props.onClose);
  const [text, setText] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const id = useId();

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const said = text.trim();
    setIsMissing(said === "");
    if (said !== "") props.onConfirm(said);
  }

  const refused = error instanceof RequestFailed ? textProblem(error) : null;
  const problem = isMissing ? `${label} is missing.` : refused;
  return (
    <dialog {...dialog} className={classes.dialog}>
      <form className={classes.form} onSubmit={submit} noValidate>
        <h2 id={titleId} className={classes.title}>
          {title}
        </h2>
        <div className={classes.explanation}>{explanation}</div>
        <div className={classes.field}>
          <label htmlFor={`${id}-text`}>
            {label} <span className={classes.hint}>(required, kept in the audit log)</span>
          </label>
          <textarea
            id={`${id}-text`}
            rows={3}
            required
            maxLength={REASON_LENGTH_MAX}
            value={text}
            autoFocus
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : `${id}-problem`}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setIsMissing(false);
            }}
          />
          {problem !== null && (
            <p id={`${id}-problem`} className={classes.problem}>
              {problem}
            </p>
          )}
        </div>
        {props.children}
        <SendingFailure error={refused === null ? error : null} />
        <div className={classes.actions}>
          <Button variant="default" size="sm" onClick={props.onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            size="sm"
            color="teal"
            loading={isBusy}
            className={isDangerous ? (dangerous.dangerous ?? "") : ""}
          >
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}

/** What the server found wrong with the text itself, which belongs beside it. */
function textProblem(error: RequestFailed): string | null {
  const found = error.problem.details?.find(({ path }) => path === "reason" || path === "evidence");
  return found ? `It ${found.message}.` : null;
}
