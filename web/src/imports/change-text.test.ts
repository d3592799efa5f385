import { expect, it } from "vitest";
import { byCompany, differenceText, matchedText, recordText } from "./change-text";
import type { ImportChange } from "./wire";

function change(kind: string, company: string, name = company): ImportChange {
  return { kind, company, name, change: "created", differences: [] };
}

it("gathers the changes of a company", () => {
  const groups = byCompany([
    change("company", "Acme"),
    change("lot", "Acme", "2021-04-03 Seed"),
    change("event", "Borealis", "mark of 2022-12-31"),
    change("company", "Twin"),
    change("company", "Twin"),
  ]);
  expect(groups.map(({ company, changes }) => [company, changes.length])).toEqual([
    ["Acme", 2],
    ["Borealis", 1],
    ["Twin", 1],
    ["Twin", 1],
  ]);
});

it("names the record, and how its company was found", () => {
  expect(recordText(change("company", "Acme"))).toBe("Company");
  expect(recordText(change("company", "Acme Inc.", "acme-7"))).toBe("Company acme-7");
  expect(recordText(change("lot", "Acme", "2021-04-03 Seed"))).toBe("Lot 2021-04-03 Seed");
  expect(recordText(change("event", "Acme", "cash_distribution of 2022-12-31"))).toBe(
    "Event cash distribution of 2022-12-31",
  );
  expect(recordText(change("exit_cases", "Acme", ""))).toBe("Exit cases");
  expect(matchedText("name")).toBe("found by its name");
  expect(matchedText(null)).toBe("new");
});

it("writes values as people do, exactly", () => {
  expect(
    differenceText({ field: "costBasisCents", before: "100000050", after: "100000051" }, "USD"),
  ).toEqual({ field: "Cost", before: "$1,000,000.50", after: "$1,000,000.51" });
  expect(
    differenceText({ field: "sharePriceCents", before: "193.6187", after: "200" }, "USD"),
  ).toEqual({ field: "Price per share", before: "1.936187 USD", after: "2 USD" });
  expect(
    differenceText({ field: "lotType", before: "initial", after: "follow_on" }, "USD"),
  ).toEqual({ field: "Lot type", before: "initial", after: "follow on" });
  expect(differenceText({ field: "sector", after: "Climate" }, "USD")).toEqual({
    field: "Sector",
    before: null,
    after: "Climate",
  });
});
