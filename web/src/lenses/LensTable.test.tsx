import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { LensTable } from "./LensTable";
import { LENS_COLUMNS, type Lens, type Lenses, type LensRow } from "./lens";
import { type LensSort, sortRows } from "./sort-rows";

function multiple(value: string): Lens {
  const display = `${value.slice(0, 4)}x`;
  return {
    numeratorCents: "437000850.5",
    denominatorCents: "250000076",
    value,
    display,
    reason: null,
    flags: [],
    lots: [],
  };
}

const absent: Lens = {
  numeratorCents: null,
  denominatorCents: "100",
  value: null,
  display: null,
  reason: "unpriced",
  flags: [],
  lots: ["7/a"],
};

function row(name: string, lens: Lens): LensRow {
  const lenses = Object.fromEntries(LENS_COLUMNS.map(({ key }) => [key, lens])) as Lenses;
  return { id: name, name, note: "Fintech", lenses };
}

const rows = [
  row("Nine", multiple("9.500000000000")),
  row("Unpriced", absent),
  row("Ten", multiple("10.20000000000")),
  row("Written off", multiple("0.000000000000")),
];

function Table() {
  const [sort, setSort] = useState<LensSort>({ by: "current_moic", direction: "descending" });
  return (
    <MantineProvider env="test">
      <div id="content" />
      <LensTable
        subject="Company"
        rows={sortRows(rows, sort)}
        total={row("Fund total", multiple("1.748002868620"))}
        currency="USD"
        sort={sort}
        onSort={setSort}
      />
    </MantineProvider>
  );
}

function names(): (string | null)[] {
  const body = document.querySelector("tbody");
  if (!body) return [];
  return within(body)
    .getAllByRole("rowheader")
    .map((cell) => cell.querySelector("span > span")?.textContent ?? null);
}

describe("the lens table", () => {
  beforeEach(() => {
    render(<Table />);
  });

  it("groups the seven lenses under current and at exit", () => {
    const [first] = screen.getAllByRole("row");
    expect(first?.textContent).toBe("CurrentAt exit");
    expect(
      screen.getAllByRole("columnheader").filter((cell) => cell.getAttribute("scope") === "col"),
    ).toHaveLength(8);
  });

  it("sorts by the number, not its text, with what has none last in both directions", async () => {
    expect(names()).toEqual(["Ten", "Nine", "Written off", "Unpriced"]);
    await userEvent.click(screen.getByRole("button", { name: "Current MOIC" }));
    expect(names()).toEqual(["Written off", "Nine", "Ten", "Unpriced"]);
    const sorted = screen.getByRole("button", { name: "Current MOIC" }).closest("th");
    expect(sorted?.getAttribute("aria-sort")).toBe("ascending");
  });

  it("keeps the fund's total below, whatever the order", async () => {
    await userEvent.click(screen.getByRole("button", { name: "Company" }));
    const last = screen.getAllByRole("row").at(-1);
    expect(last?.textContent).toMatch(/^Fund totalFintech1.74x/);
  });

  it("shows n/a with its reason, and never a zero, for a lens without a number", async () => {
    const cell = screen.getAllByText(/^n\/a/)[0];
    expect(cell?.textContent).toBe("n/a: Shares are held that have no mark (1 lot).");
    await userEvent.hover(cell as HTMLElement);
    expect((await screen.findByRole("tooltip")).textContent).toContain("have no mark (1 lot)");
  });

  it("opens the numerator and denominator of a cell reached by keyboard", async () => {
    const grid = screen.getByRole("grid");
    const stops = [...grid.querySelectorAll<HTMLElement>('td[tabindex="0"]')];
    expect(stops).toHaveLength(1);
    stops[0]?.focus();
    await userEvent.keyboard("{ArrowDown}{ArrowRight}");
    expect(document.activeElement?.getAttribute("data-row")).toBe("1");
    const tooltip = await screen.findByRole("tooltip");
    expect(tooltip.textContent).toContain("Nine · Current MOIC on initial, gross");
    expect(tooltip.textContent).toContain("Value$4,370,008.50");
    expect(tooltip.textContent).toContain("Cost$2,500,000.76");
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("tooltip")).toBeNull();
  });
});
