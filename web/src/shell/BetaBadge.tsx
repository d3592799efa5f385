import { Tooltip } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { Said } from "../feedback/FeedbackDialog";
import classes from "./BetaBadge.module.css";

const FeedbackDialog = lazy(() => import("../feedback/FeedbackDialog"));

/** Marks the lot-level calculations as new, and asks what people think of them. */
export function BetaBadge() {
  const [isOpen, setIsOpen] = useState(false);
  const [said, setSaid] = useState<Said>({ useful: null, comment: "" });
  return (
    <>
      <Tooltip
        label="You're using the new lot-level MOIC calculations"
        events={{ hover: true, focus: true, touch: true }}
      >
        <button
          type="button"
          aria-haspopup="dialog"
          className={classes.badge}
          onClick={() => setIsOpen(true)}
        >
          Beta
        </button>
      </Tooltip>
      <button type="button" className={classes.feedback} onClick={() => setIsOpen(true)}>
        Give feedback
      </button>
      {isOpen && (
        <Suspense>
          <FeedbackDialog said={said} onChange={setSaid} onClose={() => setIsOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
