import { describe, expect, it } from "vitest";
import { csv } from "./csv";

/** Without the mark at its beginning. */
function written(...row: string[]): string {
  return csv([row]).slice(1);
}

describe("a CSV file", () => {
  it("ends each line as RFC 4180 has it, and begins with the mark of UTF-8", () => {
    expect(csv([["a", "b"], ["c"]])).toBe("\uFEFFa,b\r\nc\r\n");
  });

  it("quotes what holds a comma, a quote, a line break or space at an end", () => {
    expect(written("Ben & Sons, Inc.", 'the "new" one', "two\nlines", " spaced")).toBe(
      '"Ben & Sons, Inc.","the ""new"" one","two\nlines"," spaced"\r\n',
    );
  });

  it("holds no formula for a spreadsheet to run", () => {
    for (const name of ["=1+1", "+1+1", "-1+cmd", "@SUM(A1)", "\tx", "\r=1"]) {
      const field = written(name).replace(/^"/, "");
      expect(field.startsWith("'"), name).toBe(true);
    }
    expect(written('=HYPERLINK("http://evil","x")')).toBe(
      '"\'=HYPERLINK(""http://evil"",""x"")"\r\n',
    );
  });

  it("leaves numbers alone, negative ones too", () => {
    expect(written("-1.5", "2.215522322006")).toBe("-1.5,2.215522322006\r\n");
  });
});
