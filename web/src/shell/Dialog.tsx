import type { ReactNode } from "react";
import classes from "./Dialog.module.css";
import { useModal } from "./use-modal";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog in the middle of the page, shown as long as it is rendered. */
export function Dialog({ title, onClose, children }: Props) {
  const { titleId, dialog } = useModal(onClose);
  return (
    <dialog {...dialog} className={classes.dialog}>
      <h2 id={titleId} className={classes.title}>
        {title}
      </h2>
      {children}
    </dialog>
  );
}
