import { NOT_MEASURED } from "./format";
import classes from "./HealthPage.module.css";

interface Props {
  readonly value: number | null;
  readonly format: (value: number) => string;
  /** Above this it is shown as something that somebody should look at. */
  readonly limit?: number;
}

/** A number in a table, or that it is not measured. */
export function MeasuredCell({ value, format, limit = Number.POSITIVE_INFINITY }: Props) {
  if (value === null) return <td data-muted>{NOT_MEASURED}</td>;
  return <td className={value > limit ? classes.bad : undefined}>{format(value)}</td>;
}
