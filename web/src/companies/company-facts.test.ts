import { describe, expect, it } from "vitest";
import type { WireLens } from "../api/wire";
import { companySearch } from "./company-search";
import { derivationRows } from "./derivation-rows";
import type { CompanyEvent } from "./event";
import { caseRows } from "./exit-case";
import { markOf } from "./lot-mark";
import { bucketOf, bucketWords } from "./lot-name";
import { markLines, timeLine } from "./time-line";
import type { CompanyLenses, Lot } from "./wire";

function lot(id: string, change: Partial<Lot> = {}): Lot {
  return {
    id,
    fundId: 1,
    companyId: 7,
    investmentId: 3,
    lotType: "initial",
    instrument: "equity",
    shareClass: "Seed",
    purchaseDate: "2020-01-31",
    sharesAcquired: "1000.5",
    sharePriceCents: "200",
    costBasisCents: "200100",
    version: 1,
    createdAt: "2020-01-31T00:00:00Z",
    updatedAt: "2020-01-31T00:00:00Z",
    ...change,
  };
}

let entered = 0;
function event(type: string, effectiveDate: string, fields: object = {}): CompanyEvent {
  entered += 1;
  const createdAt = `2024-01-01T00:00:00.${String(entered).padStart(6, "0")}Z`;
  return { id: `event ${entered}`, type, effectiveDate, createdAt, reversedBy: null, ...fields };
}

describe("the mark of a lot", () => {
  const bought = lot("a");
  const marked = event("mark", "2021-01-01", { shareClass: "Seed", sharePriceCents: "300" });
  const converted = event("class_conversion", "2022-01-01", { fromClass: "Seed", toClass: "CS" });
  const listed = event("mark", "2022-01-01", { shareClass: "CS", sharePriceCents: "250.5" });

  it("is the latest of the class that it is held in", () => {
    const events = [listed, converted, marked];
    expect(markOf(bought, events, undefined)).toMatchObject({ sharePriceCents: "250.5" });
    expect(markOf(bought, events, "2021-12-31")).toMatchObject({ sharePriceCents: "300" });
    expect(markOf(bought, events, "2020-12-31")).toBeNull();
  });

  it("is none after a conversion into a class that has none: the old one is not carried over", () => {
    expect(markOf(bought, [marked, converted], undefined)).toBeNull();
  });

  it("leaves a lot alone that was bought after the conversion", () => {
    const later = lot("b", { purchaseDate: "2022-01-01" });
    expect(markOf(later, [marked, converted], undefined)).toMatchObject({ shareClass: "Seed" });
  });

  it("is the lot's own where it has one, and ignores what was taken back", () => {
    const own = event("lot_mark", "2021-06-01", { lot: "a", valueCents: "77" });
    expect(markOf(bought, [marked, own], undefined)).toEqual({
      date: "2021-06-01",
      valueCents: "77",
    });
    expect(markOf(bought, [marked, { ...own, reversedBy: "x" }], undefined)).toMatchObject({
      sharePriceCents: "300",
    });
  });
});

describe("the bucket of a lot", () => {
  const secondary = { lotType: "secondary", purchaseDate: "2020-01-31" };

  it("is its type, and for a secondary purchase the fund's policy decides", () => {
    expect(bucketOf(lot("a"), "2020-01-31", {})).toBe("initial");
    expect(bucketOf(secondary, "2020-01-31", {})).toBe("initial");
    expect(bucketOf(secondary, "2019-01-31", {})).toBe("follow_on");
    expect(bucketOf(secondary, "2020-01-31", { secondaryBucket: "follow_on" })).toBe("follow_on");
    expect(bucketOf(secondary, "2020-01-31", { secondaryBucket: "separate" })).toBeNull();
  });

  it("is told in words", () => {
    expect(bucketWords(lot("a"), "initial")).toBe("Initial");
    expect(bucketWords(secondary, "follow_on")).toBe("Secondary, counts as follow-on");
    expect(bucketWords(secondary, null)).toBe("Secondary, counted apart");
  });
});

describe("a derivation", () => {
  const lens: WireLens = { numeratorCents: "2", denominatorCents: "1", flags: [] };
  const row = { current_moic: lens, exit_moic: lens, relievedCostCents: "0" };
  const company: CompanyLenses = {
    id: "7",
    lenses: {},
    lots: ["a", "b", "x"].map((id) => ({ id, ...row })),
    plannedReserves: [{ id: "series-c", exit_moic: lens }],
  };
  const lots = [lot("a"), lot("b", { lotType: "follow_on" })];
  const exercise = event("exercise", "2021-01-01", { newLot: "x", lotType: "follow_on" });
  const rows = (key: Parameters<typeof derivationRows>[0]) =>
    derivationRows(key, { company, lots, events: [exercise], policy: {} }).map(({ id }) => id);

  it("lists the lots and reserves of its lens", () => {
    expect(rows("current_moic")).toEqual(["a", "b", "x"]);
    expect(rows("current_moic_initial")).toEqual(["a"]);
    expect(rows("current_moic_deployed_reserves")).toEqual(["b", "x"]);
    expect(rows("exit_moic")).toEqual(["a", "b", "x", "series-c"]);
    expect(rows("exit_moic_initial")).toEqual(["a"]);
    expect(rows("exit_moic_follow_ons")).toEqual(["b", "x", "series-c"]);
    expect(rows("exit_moic_planned_reserves")).toEqual(["series-c"]);
  });
});

describe("the time line", () => {
  it("tells purchases and events by day, the latest first, and marks at one price together", () => {
    const price = { sharePriceCents: "650.407" };
    const days = timeLine(
      [lot("a")],
      [
        event("mark", "2021-03-31", { shareClass: "Seed", ...price }),
        event("mark", "2021-03-31", { shareClass: "Series A", ...price }),
        event("disposal", "2022-01-01", {
          shares: "10",
          proceedsCents: "5000",
          shareClass: "Seed",
        }),
        event("split", "2021-03-31", { shareClass: "Seed", numerator: 3, denominator: 1 }),
      ],
      "USD",
    );
    expect(days.map(({ date, entries }) => [date, entries.map(({ text }) => text)])).toEqual([
      ["2022-01-01", ["10 Seed shares for $50.00"]],
      ["2021-03-31", ["Seed, Series A at $6.50407 per share", "Seed 3 for 1"]],
      ["2020-01-31", ["1,000.5 Seed for $2,001.00"]],
    ]);
  });

  it("tells what was taken back, and the chart leaves it out", () => {
    const fields = { shareClass: "Seed", sharePriceCents: "1", reversedBy: "later" };
    const wrong = event("mark", "2021-03-31", fields);
    expect(timeLine([], [wrong], "USD")[0]?.entries[0]?.isTakenBack).toBe(true);
    expect(markLines([wrong])).toEqual([]);
  });

  it("stays readable for an event it does not know", () => {
    const [day] = timeLine([], [event("rights_issue", "2021-03-31")], "USD");
    expect(day?.entries[0]?.kind).toBe("rights issue");
  });
});

it("lists what the exit cases speak of, each once", () => {
  const reserve = { id: "series-c", amountCents: "1" };
  const cases = [
    { id: "base", exitPricesCents: { Seed: "1" }, plannedReserves: [reserve] },
    { id: "upside", exitPricesCents: { Seed: "2", A: "2" }, lotProceedsCents: { a: "3" } },
  ];
  expect(caseRows(cases)).toEqual({
    shareClasses: ["Seed", "A"],
    lots: ["a"],
    reserves: ["series-c"],
  });
});

it("reads the open lens from the URL and drops what it does not know", () => {
  const view = { lens: "exit_moic", asOf: "2022-12-31" };
  expect(companySearch(view)).toEqual(view);
  expect(companySearch({ lens: "irr", asOf: 2022 })).toEqual({});
});
