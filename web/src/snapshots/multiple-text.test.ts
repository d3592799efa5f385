import { expect, it } from "vitest";
import { changeText, multipleText } from "./multiple-text";

it("writes multiples and their changes from the server's text", () => {
  expect(multipleText("1.748002868620")).toBe("1.75x");
  expect(multipleText("0.125000000000")).toBe("0.12x");
  expect(changeText("0.021340000000")).toBe("+0.0213x");
  expect(changeText("-1.500000000000")).toBe("-1.50x");
  expect(changeText("0.000000000000")).toBe("0.00x");
});

it("has no text where there is no number", () => {
  expect(multipleText(null)).toBeNull();
  expect(changeText(undefined)).toBeNull();
});
