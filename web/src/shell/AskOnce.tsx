import { Button } from "@mantine/core";
import { useRef, useState } from "react";
import classes from "./AskOnce.module.css";

interface Props {
  /** What the button does: "Delete". */
  readonly act: string;
  /** On which thing, for those who do not see the row. */
  readonly subject: string;
  /** What is asked before it is done. */
  readonly question: string;
  readonly onConfirm: () => void;
  readonly isBusy?: boolean;
}

/** A button whose act cannot be undone: it asks once, in its own place. */
export function AskOnce({ act, subject, question, onConfirm, isBusy = false }: Props) {
  const [isAsking, setAsking] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  function leave(): void {
    setAsking(false);
    // The opener is back after the next drawing, and takes the focus that its answer had.
    requestAnimationFrame(() => opener.current?.focus());
  }
  if (!isAsking) {
    return (
      <Button
        ref={opener}
        size="compact-xs"
        variant="subtle"
        loading={isBusy}
        aria-label={`${act} ${subject}`}
        onClick={() => setAsking(true)}
      >
        {act}
      </Button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a part of a form, which this is not
    <span
      role="group"
      aria-label={question}
      className={classes.question}
      onKeyDown={(event) => event.key === "Escape" && leave()}
    >
      {question}
      <Button size="compact-xs" autoFocus variant="light" onClick={leave}>
        No
      </Button>
      <Button
        size="compact-xs"
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {act}
      </Button>
    </span>
  );
}
