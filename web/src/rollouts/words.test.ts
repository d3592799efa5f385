import { expect, test } from "vitest";
import {
  firstSentence,
  instantText,
  lasting,
  nearness,
  percent,
  score,
  taking,
  until,
} from "./words";

test("scores are written as the server writes them", () => {
  expect(score(0)).toBe("1.00");
  expect(score(Math.log(3_400))).toBe("3,400");
  expect(score(20)).toBe("10^8.7");
  expect(score(-20)).toBe("10^-9");
});

test("a score is as near as its logarithm, and never outside of the bar", () => {
  expect(nearness(2.3, 4.6)).toBeCloseTo(0.5);
  expect(nearness(-1, 4.6)).toBe(0);
  expect(nearness(9, 4.6)).toBe(1);
  expect(nearness(null, 4.6)).toBeNull();
});

test("durations have their two largest units", () => {
  expect([0, 45, 540, 187_200].map(lasting)).toEqual(["0 s", "45 s", "9 min", "2 d 4 h"]);
  expect(lasting(90_061)).toBe("1 d 1 h");
});

test("relative times depend on nothing but the two instants", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(until("2026-01-01T12:04:59Z", now)).toBe("in 4 min 59 s");
  expect(until("2026-01-01T11:00:00Z", now)).toBe("now");
});

test("times and shares keep a sensible precision", () => {
  expect([0.0048125, 0.2, 1.25, 12].map(taking)).toEqual(["4.81 ms", "200 ms", "1.25 s", "12 s"]);
  expect(percent(0.00421)).toBe("0.42 %");
  expect(instantText("2026-11-28T14:50:00.276505877Z")).toBe("2026-11-28 14:50:00 UTC");
});

test("the first sentence ends before the next one, not at a decimal point", () => {
  expect(
    firstSentence("errors: 0.12 % failed; about 3.5 more. The check feedback is missing."),
  ).toEqual({
    first: "errors: 0.12 % failed; about 3.5 more.",
    rest: "The check feedback is missing.",
  });
  expect(firstSentence("Every phase is done.")).toEqual({
    first: "Every phase is done.",
    rest: "",
  });
});
