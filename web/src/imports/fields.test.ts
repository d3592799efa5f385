import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type ColumnField, FIELDS, fieldLabel, isRole, ROLES } from "./fields";

const SOURCE = readFileSync("../crates/formats/src/template/fields.rs", "utf8");
const FIELD = /\bfield\(\s*"(\w+)",\s*"([^"]+)"/;

/** The fields of a list in the source, those that are constants of their own included. */
function fieldsInSource(list: string): ColumnField[] {
  const body = new RegExp(`const ${list}: &\\[Field\\] =\\s*&\\[(.*?)\\];`, "s").exec(SOURCE)?.[1];
  if (body === undefined) throw new Error(`no list ${list} in fields.rs`);
  const items = body.matchAll(/\bfield\(\s*"\w+",\s*"[^"]+"|\b([A-Z][A-Z_]+)\b/g);
  return [...items].map(([item, constant]) => {
    const text = constant
      ? (new RegExp(`const ${constant}: Field =\\s*field\\(.*?;`, "s").exec(SOURCE)?.[0] ?? "")
      : item;
    const [, key = "", label = ""] = FIELD.exec(text) ?? [];
    return { key, label };
  });
}

it.each(ROLES)("columns of %s are those that the server reads", (role) => {
  expect(FIELDS[role]).toEqual(fieldsInSource(role.toUpperCase()));
});

it("names a column, and gives back what it does not know", () => {
  expect(fieldLabel("lots", "purchaseDate")).toBe("Purchase date");
  expect(fieldLabel("lots", "new")).toBe("new");
  expect(fieldLabel(null, "cost")).toBe("cost");
  expect(isRole("ignore")).toBe(false);
});
