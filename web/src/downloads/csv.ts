import { isDecimal } from "../money/decimal";

/** A spreadsheet takes what begins with one of these for a formula, and runs it. */
const STARTS_FORMULA = /^[=+\-@\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** Without it, a spreadsheet reads names that are not plain English as noise. */
const BYTE_ORDER_MARK = "\uFEFF";

/** A table as RFC 4180 has it, which a spreadsheet opens without running anything in it. */
export function csv(rows: readonly (readonly string[])[]): string {
  return BYTE_ORDER_MARK + rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(text: string): string {
  // A negative number is no formula.
  const safe = STARTS_FORMULA.test(text) && !isDecimal(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
