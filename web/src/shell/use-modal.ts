import { type RefObject, type SyntheticEvent, useId, useLayoutEffect, useRef } from "react";

interface Modal {
  /** The id of the heading that names it. */
  readonly titleId: string;
  /** What every `<dialog>` of it takes. */
  readonly dialog: {
    readonly ref: RefObject<HTMLDialogElement | null>;
    readonly "aria-labelledby": string;
    readonly onCancel: (event: SyntheticEvent) => void;
    readonly onClose: () => void;
  };
}

/**
 * The browser's own modal dialog, shown as long as it is rendered: it holds the focus, closes with Escape and gives the focus
 * back, and writes no style into the page, which the content security policy forbids.
 */
export function useModal(onClose: () => void): Modal {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Closed while it is still in the document: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return {
    titleId,
    dialog: {
      ref: element,
      "aria-labelledby": titleId,
      onCancel: (event) => {
        event.preventDefault();
        onClose();
      },
      // A browser may close it without asking; one that was opened again meanwhile stays.
      onClose: () => {
        if (element.current?.open === false) onClose();
      },
    },
  };
}
