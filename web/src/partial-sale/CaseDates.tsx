import { TextInput } from "@mantine/core";
import type { CaseDocument } from "../companies/exit-case";
import { caseField, type FieldProblems } from "./draft";
import classes from "./partial-sale.module.css";

interface Props {
  readonly exitCases: readonly CaseDocument[];
  readonly dates: Readonly<Record<string, string>>;
  readonly problems: FieldProblems;
  readonly onChange: (dates: Readonly<Record<string, string>>) => void;
}

/** Days for the cases that happen at another time than the others. */
export function CaseDates({ exitCases, dates, problems, onChange }: Props) {
  return (
    <fieldset className={classes.cases}>
      <legend className={classes.legend}>Other days for single cases, where they differ</legend>
      {exitCases.map(({ id, probability }) => (
        <TextInput
          key={id}
          type="date"
          label={`${id} · probability ${probability ?? "1"}`}
          value={dates[id] ?? ""}
          error={problems[caseField(id)]}
          onChange={(event) => onChange({ ...dates, [id]: event.currentTarget.value })}
        />
      ))}
    </fieldset>
  );
}
