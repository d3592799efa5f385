import { FIELDS, IGNORED, isRole } from "./fields";
import type { ImportMapping, ImportSheet } from "./wire";

/** In a choice: nothing is said, and the name of the sheet or the header of the column decides. */
export const BY_ITSELF = "";

/** What is chosen for one sheet. */
export interface SheetChoice {
  /** A role, {@link IGNORED}, or {@link BY_ITSELF}. */
  readonly role: string;
  /** By header: a column's key, {@link IGNORED}, or {@link BY_ITSELF}. */
  readonly columns: Readonly<Record<string, string>>;
}

/** The name of a sheet in a mapping; the one table of a CSV file is called "". */
export function sheetKey({ name }: Pick<ImportSheet, "name">): string {
  return name ?? "";
}

/** What the fund has said about a sheet so far. */
export function choiceOf(mapping: ImportMapping, sheet: ImportSheet): SheetChoice {
  const key = sheetKey(sheet);
  const said = mapping.columns[key] ?? {};
  return {
    role: mapping.sheets[key] ?? BY_ITSELF,
    columns: Object.fromEntries(
      sheet.columns.map(({ header }) => [header, said[header] ?? BY_ITSELF]),
    ),
  };
}

/** The role that decides what the columns can mean: the chosen one, or else the one that was recognised. */
export function roleInForce({ role }: SheetChoice, sheet: ImportSheet): string | null {
  if (role === IGNORED) return null;
  return role === BY_ITSELF ? (sheet.role ?? null) : role;
}

/** The choice with another role. Columns that a sheet of this role cannot have are as their headers say again. */
export function withRole(choice: SheetChoice, sheet: ImportSheet, role: string): SheetChoice {
  const next = { ...choice, role };
  const inForce = roleInForce(next, sheet);
  const known = isRole(inForce) ? FIELDS[inForce].map(({ key }) => key) : [];
  const columns = Object.entries(choice.columns).map(([header, key]) => [
    header,
    key === IGNORED || known.includes(key) ? key : BY_ITSELF,
  ]);
  return { ...next, columns: Object.fromEntries(columns) };
}

export function withColumn(choice: SheetChoice, header: string, key: string): SheetChoice {
  return { ...choice, columns: { ...choice.columns, [header]: key } };
}

/** Headers of columns that are chosen to mean the same. */
export function doubled({ columns }: SheetChoice): string[][] {
  const byKey = new Map<string, string[]>();
  for (const [header, key] of Object.entries(columns)) {
    if (key === BY_ITSELF || key === IGNORED) continue;
    byKey.set(key, [...(byKey.get(key) ?? []), header]);
  }
  return [...byKey.values()].filter((headers) => headers.length > 1);
}

/** The mapping with the choices for a file's sheets in it. What it says of other sheets and columns stays. */
export function mappingWith(
  mapping: ImportMapping,
  choices: Readonly<Record<string, SheetChoice>>,
): ImportMapping {
  const sheets = new Map(Object.entries(mapping.sheets));
  const columns = new Map(Object.entries(mapping.columns));
  for (const [key, choice] of Object.entries(choices)) {
    if (choice.role === BY_ITSELF) sheets.delete(key);
    else sheets.set(key, choice.role);
    const own = Object.entries({ ...columns.get(key), ...choice.columns }).filter(
      ([, meaning]) => meaning !== BY_ITSELF,
    );
    if (own.length === 0) columns.delete(key);
    else columns.set(key, Object.fromEntries(own));
  }
  return {
    ...mapping,
    sheets: Object.fromEntries(sheets),
    columns: Object.fromEntries(columns),
  };
}

/** The mapping that also holds answers for all later files. */
export function withAnswers(
  mapping: ImportMapping,
  answers: Readonly<Record<string, string>>,
): ImportMapping {
  return { ...mapping, answers: { ...mapping.answers, ...answers } };
}

/** The mapping that asks a question again. */
export function withoutAnswer(mapping: ImportMapping, id: string): ImportMapping {
  const { [id]: _, ...answers } = mapping.answers;
  return { ...mapping, answers };
}
