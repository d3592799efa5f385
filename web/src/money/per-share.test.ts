import { expect, it } from "vitest";
import { formatPrice, formatShares } from "./per-share";

it("writes a price per share with every decimal it has", () => {
  expect(formatPrice("322.07", "USD")).toBe("$3.2207");
  expect(formatPrice("650", "USD")).toBe("$6.50");
  expect(formatPrice("0.00000001", "USD")).toBe("$0.0000000001");
  expect(formatPrice("1/3", "USD")).toBe("1/3 cents");
});

it("writes shares with every decimal they have", () => {
  expect(formatShares("518138.294565")).toBe("518,138.294565");
  expect(formatShares("9007199254740993")).toBe("9,007,199,254,740,993");
  expect(formatShares("1/2")).toBe("1/2");
});
