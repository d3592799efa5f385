import { Tooltip } from "@mantine/core";
import { memo } from "react";
import classes from "./LensTable.module.css";
import type { LensColumn } from "./lens";
import type { LensSort } from "./sort-rows";

interface Props {
  readonly text: string;
  /** The lens of the column; null for the rows' names, which need no explanation. */
  readonly column: LensColumn | null;
  readonly direction: LensSort["direction"] | null;
  readonly by: LensSort["by"];
  readonly onPress: (by: LensSort["by"]) => void;
}

const EVENTS = { hover: true, focus: true, touch: false };

/** The heading of a column, which sorts by it and says what its lens is. */
export const SortButton = memo(function SortButton(props: Props) {
  const { text, column, direction, by, onPress } = props;
  const button = (
    <button
      type="button"
      className={classes.sort}
      data-direction={direction ?? undefined}
      aria-label={column?.name}
      onClick={() => onPress(by)}
    >
      {text}
      <svg viewBox="0 0 8 10" aria-hidden="true" className={classes.arrow}>
        <path d="M4 1v8M1.2 6.2 4 9l2.8-2.8" />
      </svg>
    </button>
  );
  if (!column) return button;
  return (
    <Tooltip label={`${column.name}. ${column.help}`} w={240} events={EVENTS}>
      {button}
    </Tooltip>
  );
});
