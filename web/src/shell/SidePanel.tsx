import { CloseButton } from "@mantine/core";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import classes from "./SidePanel.module.css";

interface Props {
  readonly title: string;
  readonly note?: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A panel over the page's right side, shown as long as it is rendered. The browser's own dialog: it holds the focus, closes
 * with Escape and gives the focus back.
 */
export function SidePanel({ title, note, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed while it is still in the document: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={element}
      className={classes.panel}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // The page beside the panel belongs to the dialog's own area.
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div className={classes.content}>
        <header className={classes.header}>
          <h2 id={titleId} className={classes.title}>
            {title}
          </h2>
          {note !== undefined && <span className={classes.note}>{note}</span>}
          <CloseButton aria-label="Close" className={classes.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
