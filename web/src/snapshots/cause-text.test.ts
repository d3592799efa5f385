import { expect, it } from "vitest";
import { causeText } from "./cause-text";

it("says in words why a lens differs", () => {
  const mark = { kind: "mark", change: "added", subject: "mark 2024-01-01 PS" };
  expect(causeText(mark)).toBe("Mark added: 2024-01-01 PS");
  const lot = { kind: "lot", change: "changed", subject: "01a222a0-879f-76b7-a755-0c78cf60cfa9" };
  expect(causeText(lot)).toBe("Lot changed: …cf60cfa9");
  const date = { kind: "as_of", change: "changed", subject: "2022-12-31 → 2023-12-31" };
  expect(causeText(date)).toBe("Date: 2022-12-31 → 2023-12-31");
  const cases = { kind: "exit_cases", change: "added", subject: "exit cases" };
  expect(causeText(cases)).toBe("Exit cases added");
  const sale = { kind: "event", change: "removed", subject: "lot_mark 2024-01-01" };
  expect(causeText(sale)).toBe("Event removed: lot mark 2024-01-01");
});
