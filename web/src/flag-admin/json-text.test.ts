import { expect, it } from "vitest";
import { jsonText } from "./json-text";

it("keeps on its line what fits", () => {
  const short = { if: [{ in: ["@cedar.example", { var: "email" }] }, "on"] };
  expect(jsonText(short)).toBe(
    '{ "if": [{ "in": ["@cedar.example", { "var": "email" }] }, "on"] }',
  );
  const long = { if: [short, "x".repeat(40), null] };
  expect(jsonText(long)).toBe(`{
  "if": [
    { "if": [{ "in": ["@cedar.example", { "var": "email" }] }, "on"] },
    "${"x".repeat(40)}",
    null
  ]
}`);
  expect(JSON.parse(jsonText(long))).toEqual(long);
  expect(jsonText({})).toBe("{}");
});
