import { useId } from "react";
import classes from "./CommandDialog.module.css";

interface Props {
  /** As the browser's own field has it, in local time; empty for never. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Until when a signature counts. */
export function ExpiryField({ value, onChange }: Props) {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>
        Counts until <span className={classes.hint}>(your time; empty for always)</span>
      </label>
      <input
        id={id}
        type="datetime-local"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

/** What a request says of the field. */
export function instantOf(value: string): { expiresAt?: string } {
  return value === "" ? {} : { expiresAt: new Date(value).toISOString() };
}
