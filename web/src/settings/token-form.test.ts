import { describe, expect, it } from "vitest";
import { RequestFailed } from "../api/problem";
import { fieldProblems } from "./field-problems";
import { settingsSearch } from "./settings-search";
import { isTokenFields, NO_TOKEN, tokenOf } from "./token-form";
import { formatInstant, rolesOf, tokenState } from "./token-state";
import type { Token } from "./wire";

const NOW = new Date("2026-11-28T14:48:23Z");

describe("a new token", () => {
  const named = { ...NO_TOKEN, name: "  importer " };

  it("is a service's for all funds and ninety days unless said otherwise", () => {
    expect(tokenOf(named, NOW)).toEqual({
      token: { name: "importer", role: "viewer", expiresAt: "2027-02-26T14:48:23.000Z" },
    });
  });

  it("may belong to a person, see some funds, and never expire", () => {
    const fields = { ...named, person: "7", funds: [1, 3], expiry: "never" } as const;
    expect(tokenOf(fields, NOW)).toEqual({
      token: { name: "importer", role: "viewer", personId: 7, fundIds: [1, 3] },
    });
  });

  it("is good to the end of its last day", () => {
    const fields = { ...named, expiry: "date", date: "2026-11-29" } as const;
    expect(tokenOf(fields, NOW)).toMatchObject({ token: { expiresAt: "2026-11-29T23:59:59Z" } });
  });

  it("that says too little is refused field by field, before anything is sent", () => {
    const fields = {
      ...NO_TOKEN,
      name: " ",
      funds: [],
      expiry: "date",
      date: "2026-11-28",
    } as const;
    const checked = tokenOf(fields, NOW);
    expect("problems" in checked && Object.keys(checked.problems)).toEqual([
      "name",
      "fundIds",
      "expiresAt",
    ]);
    expect("problems" in tokenOf({ ...named, name: "x".repeat(201) }, NOW)).toBe(true);
  });

  it("is known again after a reload, and anything else is not", () => {
    expect(isTokenFields(JSON.parse(JSON.stringify({ ...named, funds: [1] })))).toBe(true);
    for (const other of [null, {}, { ...named, expiry: "soon" }, { ...named, funds: ["1"] }]) {
      expect(isTokenFields(other)).toBe(false);
    }
  });
});

describe("a token", () => {
  const token: Token = { id: 1, name: "a", role: "viewer", createdAt: "2026-11-01T00:00:00Z" };

  it("is good until it expires or is revoked", () => {
    expect(tokenState(token, NOW)).toBe("good");
    expect(tokenState({ ...token, expiresAt: "2026-11-28T14:48:23Z" }, NOW)).toBe("expired");
    expect(tokenState({ ...token, expiresAt: "2026-11-28T14:48:24Z" }, NOW)).toBe("good");
    expect(tokenState({ ...token, revokedAt: "2026-11-02T00:00:00Z" }, NOW)).toBe("revoked");
  });

  it("gives its person its role, once, and only while it is good", () => {
    const tokens = [
      { ...token, personId: 7 },
      { ...token, personId: 7 },
      { ...token, personId: 7, role: "admin", revokedAt: "2026-11-02T00:00:00Z" },
      { ...token, personId: 8, role: "operator" },
    ];
    expect(rolesOf(7, tokens, NOW)).toEqual(["viewer"]);
    expect(rolesOf(9, tokens, NOW)).toEqual([]);
  });

  it("has its times to the minute, as the server has them", () => {
    expect(formatInstant("2026-11-28T14:48:23.152528Z")).toBe("2026-11-28 14:48");
  });
});

describe("what the server says about fields", () => {
  it("stands at the field, also for a part of it", () => {
    const details = [
      { path: "name", value: "", message: "must not be empty" },
      { path: "fundIds[0]", value: "99", message: "is no fund" },
      { path: "fundIds[1]", value: "98", message: "is no fund" },
    ];
    expect(fieldProblems(new RequestFailed(422, { details }, null))).toEqual({
      name: "Must not be empty.",
      fundIds: "99 is no fund.",
    });
    expect(fieldProblems(new Error("something else"))).toEqual({});
  });
});

describe("the address of the settings", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(settingsSearch({ tab: "tokens", show: "all", person: 3 })).toEqual({
      tab: "tokens",
      show: "all",
      person: 3,
    });
    expect(settingsSearch({ tab: "you", show: "some", person: "3", other: 1 })).toEqual({});
    expect(settingsSearch({ person: -1 })).toEqual({});
  });
});
