import { Tooltip } from "@mantine/core";
import { Derivation } from "./Derivation";
import classes from "./DerivedMultiple.module.css";
import { LENS_COLUMNS, type Lens, type LensKey } from "./lens";
import { Multiple } from "./Multiple";

interface Props {
  /** Whose multiple it is. */
  readonly of: string;
  readonly lensKey: LensKey;
  readonly lens: Lens;
  readonly currency: string;
}

const COLUMNS = new Map(LENS_COLUMNS.map((column) => [column.key, column]));
const EVENTS = { hover: true, focus: true, touch: true };

/** A multiple in a table that says, when pointed at or reached by keyboard, how it came about. */
export function DerivedMultiple({ of, lensKey, lens, currency }: Props) {
  const column = COLUMNS.get(lensKey);
  if (!column) return null;
  const derivation = <Derivation of={of} column={column} lens={lens} currency={currency} />;
  return (
    <Tooltip label={derivation} events={EVENTS}>
      <button type="button" className={classes.multiple}>
        <Multiple lensKey={lensKey} lens={lens} />
      </button>
    </Tooltip>
  );
}
