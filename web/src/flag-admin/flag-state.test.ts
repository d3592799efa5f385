import { describe, expect, it } from "vitest";
import { afterRestore, ageText, exposureText, flagState } from "./flag-state";
import type { Flag } from "./wire";

function flag(over: Partial<Flag> = {}): Flag {
  return {
    key: "probe",
    version: 1,
    definition: { state: "ENABLED", variants: { on: true, off: false }, defaultVariant: "off" },
    defaultVariant: "off",
    state: "ENABLED",
    source: "stored",
    archived: false,
    killed: false,
    killPending: false,
    reasonCode: "STATIC",
    notes: [],
    staleness: [],
    usage: { evaluations: 0, variants: {} },
    optOuts: { current: 0, lastHour: 0 },
    ...over,
  };
}

const RULE = { if: [true, "on"] };

describe("how a flag stands", () => {
  it.each([
    ["off", "nobody", flag()],
    ["on", "everyone", flag({ defaultVariant: "on" })],
    ["partly", "10 %", flag({ exposure: "10" })],
    ["on", "100 %", flag({ exposure: "100" })],
    ["off", "0 %", flag({ exposure: "0" })],
    ["on", "everyone", flag({ exposure: "10", defaultVariant: "on" })],
    ["off", "disabled", flag({ state: "DISABLED", defaultVariant: "on" })],
    ["off", "nobody at this server", flag({ environmentSwitch: "unset", defaultVariant: "on" })],
    ["killed", "nobody until restored", flag({ killed: true, defaultVariant: "on" })],
    [
      "killed",
      "nobody at this server",
      flag({ reasonCode: "killed_by_environment", environmentSwitch: "off" }),
    ],
    ["archived", "nobody", flag({ archived: true })],
    ["broken", "nobody", flag({ reasonCode: "PARSE_ERROR" })],
    [
      "partly",
      "by rule, then nobody",
      flag({ definition: { ...flag().definition, targeting: RULE } }),
    ],
    [
      "on",
      "everyone: blue",
      flag({ definition: { variants: { blue: "#00f" } }, defaultVariant: "blue" }),
    ],
  ])("%s, for %s", (state, exposure, of) => {
    expect(flagState(of)).toBe(state);
    expect(exposureText(of)).toBe(exposure);
  });
});

describe("a restore", () => {
  it("brings back what the definition says, which may be off", () => {
    expect(afterRestore(flag({ killed: true }))).toMatch(/^It comes back off: its default variant/);
    expect(afterRestore(flag({ killed: true, defaultVariant: "on" }))).toMatch(/on for everyone/);
    expect(afterRestore(flag({ killed: true, exposure: "10" }))).toMatch(/on for 10 %/);
    expect(afterRestore(flag({ killed: true, state: "DISABLED" }))).toMatch(/off: its state/);
    expect(afterRestore(flag({ environmentSwitch: "off" }))).toMatch(/^It stays off/);
    const ruled = flag({ definition: { ...flag().definition, targeting: RULE }, exposure: "5" });
    expect(afterRestore(ruled)).toMatch(/rule decides again, then its exposure of 5 %/);
  });
});

it("says a flag's age beside its lifetime", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  const definition = { metadata: { expectedLifetimeDays: 90 } };
  const createdAt = "2026-03-01T00:00:00Z";
  expect(ageText(flag({ createdAt, definition }), now)).toBe("9 of 90 d");
  expect(ageText(flag({ createdAt }), now)).toBe("9 d");
  expect(ageText(flag({ definition }), now)).toBe("built in, 90 d");
});
