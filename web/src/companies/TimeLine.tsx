import { formatDate } from "../money/format";
import type { CompanyEvent } from "./event";
import classes from "./TimeLine.module.css";
import { timeLine } from "./time-line";
import type { Lot } from "./wire";

interface Props {
  readonly lots: readonly Lot[];
  readonly events: readonly CompanyEvent[];
  readonly currency: string;
}

/** What happened, the latest first. */
export function TimeLine({ lots, events, currency }: Props) {
  return (
    <ol className={classes.days}>
      {timeLine(lots, events, currency).map((day) => (
        <li key={day.date} className={classes.day}>
          <time dateTime={day.date} className={classes.date}>
            {formatDate(day.date)}
          </time>
          <ul className={classes.entries}>
            {day.entries.map((entry) => (
              <li key={entry.key}>
                <span className={classes.kind}>{entry.kind}</span>{" "}
                {entry.isTakenBack ? (
                  <>
                    <s>{entry.text}</s> taken back
                  </>
                ) : (
                  entry.text
                )}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
