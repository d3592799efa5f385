import { expect, it } from "vitest";
import { ago } from "./ago";

const now = new Date("2026-03-10T12:00:00Z");

it("says how long ago an instant was", () => {
  expect(ago("2026-03-10T11:59:30Z", now)).toBe("just now");
  expect(ago("2026-03-10T11:57:00.551046Z", now)).toBe("2 min ago");
  expect(ago("2026-03-10T09:00:00Z", now)).toBe("3 h ago");
  expect(ago("2026-03-09T12:00:00Z", now)).toBe("1 day ago");
  expect(ago("2026-01-10T12:00:00Z", now)).toBe("59 days ago");
});

it("takes a clock that is ahead for just now", () => {
  expect(ago("2026-03-10T12:00:05Z", now)).toBe("just now");
});
