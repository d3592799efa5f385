import { describe, expect, it } from "vitest";
import { asSentence, formatMultiple, plainAmount, withAmounts } from "./explained";

describe("explanations", () => {
  it("have amounts as people read them", () => {
    expect(withAmounts("held is worth 18202504420.323 cents, -150 cents less", "USD")).toBe(
      "held is worth $182,025,044.20, -$1.50 less",
    );
    expect(withAmounts("650.407 cents per share", "USD")).toBe("650.407 cents per share");
  });

  it("are sentences", () => {
    expect(asSentence("no lot has a price")).toBe("No lot has a price.");
    expect(asSentence("Done.")).toBe("Done.");
  });
});

describe("multiples and amounts", () => {
  it("are rounded half-even from the text, and told where they are absent", () => {
    expect(formatMultiple("1.835744987795")).toBe("1.84x");
    expect(formatMultiple("0.125")).toBe("0.12x");
    expect(formatMultiple("0.038", true)).toBe("+0.04x");
    expect(formatMultiple("-0.3335", true)).toBe("-0.33x");
    expect(formatMultiple(null)).toBe("n/a");
  });

  it("are plain in files", () => {
    expect(plainAmount("150")).toBe("1.50");
    expect(plainAmount(null)).toBe("");
  });
});
