import { expect, it } from "vitest";
import { daysFrom, daysSince, relativeTime } from "./relative-time";

const NOW = new Date("2026-03-10T12:00:00Z");

it.each([
  ["2026-03-10T11:59:50Z", "just now"],
  ["2026-03-10T11:57:00Z", "3 min ago"],
  ["2026-03-10T06:58:00Z", "5 h ago"],
  ["2026-03-08T12:00:00Z", "2 d ago"],
  ["2025-12-31T12:00:00Z", "2025-12-31"],
  ["2026-03-10T12:00:20Z", "in a moment"],
  ["2026-03-24T12:00:00Z", "in 14 d"],
])("%s is %s", (instant, text) => {
  expect(relativeTime(instant, NOW)).toBe(text);
});

it("takes the present as milliseconds, too", () => {
  expect(relativeTime("2026-03-10T11:57:00Z", NOW.getTime())).toBe("3 min ago");
});

it("counts full days, and days from now on", () => {
  expect(daysSince("2026-03-08T12:00:01Z", NOW)).toBe(1);
  expect(daysFrom(NOW, 14)).toBe("2026-03-24T12:00:00.000Z");
});
