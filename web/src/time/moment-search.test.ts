import { describe, expect, it } from "vitest";
import {
  asOfSearch,
  chosenDate,
  chosenInstant,
  minuteOf,
  momentSearch,
  withMoment,
} from "./moment-search";

describe("the time machine in the URL", () => {
  it("is read, and what makes no sense is dropped", () => {
    const search = { asOf: "2022-12-31", knownAt: "2026-01-31T12:00:00Z", other: 1 };
    expect(momentSearch(search)).toEqual({ asOf: search.asOf, knownAt: search.knownAt });
    expect(asOfSearch(search)).toEqual({ asOf: search.asOf });
    expect(momentSearch({ asOf: "today", knownAt: "2026-01-31" })).toEqual({});
  });

  it("is changed beside everything else, and left out for now", () => {
    const search = { asOf: "2022-12-31", sort: "name" };
    expect(withMoment(search, { asOf: "2021-12-31" })).toEqual({
      asOf: "2021-12-31",
      sort: "name",
    });
    expect(withMoment(search, { asOf: undefined })).toEqual({ sort: "name" });
  });
});

describe("what stands in a field", () => {
  it("counts once its year is whole, and empty means now", () => {
    expect(["", "0020-06-30", "2020-06-30"].map(chosenDate)).toEqual([
      undefined,
      null,
      "2020-06-30",
    ]);
  });

  it("is a minute of UTC for what was known", () => {
    expect(["", "0020-06-30T00:00", "2020-06-30T12:30"].map(chosenInstant)).toEqual([
      undefined,
      null,
      "2020-06-30T12:30:00Z",
    ]);
    expect(minuteOf("2020-06-30T12:30:00Z")).toBe("2020-06-30T12:30");
  });
});
