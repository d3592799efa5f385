import { CloseButton } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./SidePanel.module.css";
import { useModal } from "./use-modal";

interface Props {
  readonly title: string;
  readonly note?: string | undefined;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A panel over the page's right side, shown as long as it is rendered. */
export function SidePanel({ title, note, onClose, children }: Props) {
  const { titleId, dialog } = useModal(onClose);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      {...dialog}
      className={classes.panel}
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
