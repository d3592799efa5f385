import control from "../shell/control.module.css";
import { TableRegion } from "../shell/TableRegion";
import { counted } from "./count-words";
import { FIELDS, fieldLabel, IGNORED, isRole, ROLE_LABELS, ROLES } from "./fields";
import classes from "./imports.module.css";
import { BY_ITSELF, roleInForce, type SheetChoice, withColumn, withRole } from "./mapping";
import type { ImportSheet } from "./wire";

interface Props {
  readonly sheet: ImportSheet;
  readonly choice: SheetChoice;
  readonly onChange: (choice: SheetChoice) => void;
}

/** What one sheet is about, and what its columns mean. */
export function SheetMapping({ sheet, choice, onChange }: Props) {
  const name = sheet.name ?? "The table of the file";
  const role = roleInForce(choice, sheet);
  return (
    <fieldset className={classes.sheetMapping}>
      <legend className={classes.sheet}>
        {name} <span className={classes.muted}>{counted(sheet.rows, "row")}</span>
      </legend>
      <label className={control.control}>
        It is about
        <select
          value={choice.role}
          onChange={(event) => onChange(withRole(choice, sheet, event.currentTarget.value))}
        >
          <option value={BY_ITSELF}>{recognised(sheet, choice)}</option>
          {ROLES.map((known) => (
            <option key={known} value={known}>
              {ROLE_LABELS[known]}
            </option>
          ))}
          <option value={IGNORED}>Nothing to import: leave it out</option>
        </select>
      </label>
      {isRole(role) && sheet.columns.length > 0 && (
        <TableRegion label={`Columns of ${name}`}>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Means</th>
            </tr>
          </thead>
          <tbody>
            {sheet.columns.map(({ header, field, samples }) => {
              const isSame = role === sheet.role && choice.columns[header] === BY_ITSELF;
              return (
                <tr key={header}>
                  <th scope="row">
                    {header}
                    <span className={classes.samples}>
                      {samples.length > 0 ? samples.join(" · ") : "empty"}
                    </span>
                  </th>
                  <td>
                    <select
                      className={`${control.field} ${classes.select}`}
                      aria-label={`Meaning of ${header}`}
                      value={choice.columns[header] ?? BY_ITSELF}
                      onChange={(event) =>
                        onChange(withColumn(choice, header, event.currentTarget.value))
                      }
                    >
                      <option value={BY_ITSELF}>
                        {isSame
                          ? `${field ? fieldLabel(role, field) : "Not read"} (by its header)`
                          : "By its header"}
                      </option>
                      {FIELDS[role].map(({ key, label }) => (
                        <option key={key} value={key}>
                          {label}
                        </option>
                      ))}
                      <option value={IGNORED}>Nothing: leave it out</option>
                    </select>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </TableRegion>
      )}
    </fieldset>
  );
}

/** What the sheet is taken for while nobody says anything. */
function recognised(sheet: ImportSheet, choice: SheetChoice): string {
  if (choice.role !== BY_ITSELF) return "By its name and headers";
  return `By its name and headers: ${isRole(sheet.role) ? ROLE_LABELS[sheet.role] : "not clear"}`;
}
