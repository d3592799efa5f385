import { Tooltip } from "@mantine/core";
import classes from "./BetaBadge.module.css";

/** Marks the lot-level calculations as new. */
export function BetaBadge() {
  return (
    <Tooltip
      label="You're using the new lot-level MOIC calculations"
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className={classes.badge}>
        Beta
      </button>
    </Tooltip>
  );
}
