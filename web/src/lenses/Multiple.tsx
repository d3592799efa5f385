import { VisuallyHidden } from "@mantine/core";
import { compareDecimals } from "../money/decimal";
import type { Lens, LensKey } from "./lens";
import classes from "./Multiple.module.css";
import { reasonText } from "./reasons";

/** A multiple as it is shown everywhere: the server's own rounding, or "n/a" with its reason for those who listen. */
export function Multiple({ lensKey, lens }: { lensKey: LensKey; lens: Lens }) {
  if (lens.display === null) {
    return (
      <span className={classes.absent}>
        n/a<VisuallyHidden>: {reasonText(lensKey, lens)}</VisuallyHidden>
      </span>
    );
  }
  const belowCost = lens.value !== null && compareDecimals(lens.value, "1") < 0;
  return <span className={belowCost ? classes.belowCost : undefined}>{lens.display}</span>;
}
