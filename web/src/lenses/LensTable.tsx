import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import {
  type Column,
  createColumnHelper,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { memo, useId, useMemo, useRef, useState } from "react";
import { compareDecimals } from "../money/decimal";
import { Derivation } from "./Derivation";
import { type CellPosition, NAME_COLUMN, positionAfterKey, positionOf } from "./grid-keys";
import classes from "./LensTable.module.css";
import { LENS_COLUMNS, LENS_GROUPS, type LensKey, type LensRow } from "./lens";
import { Multiple } from "./Multiple";

export interface LensSort {
  readonly by: LensKey | "name";
  readonly direction: "ascending" | "descending";
}

interface Props {
  /** What a row stands for: "Company" or "Sector". */
  readonly subject: string;
  readonly rows: readonly LensRow[];
  readonly total: LensRow;
  readonly currency: string;
  readonly sort: LensSort;
  readonly onSort: (sort: LensSort) => void;
  /** The fund whose companies the rows are: their names then lead to the companies' pages. */
  readonly fundId?: number | undefined;
}

/** The group of the leftmost column, which has no heading of its own. */
const SUBJECT = "subject";

const helper = createColumnHelper<LensRow>();

function columnsFor(subject: string) {
  return [
    helper.group({
      id: SUBJECT,
      columns: [
        helper.accessor("name", {
          header: subject,
          sortingFn: (a, b) => a.original.name.localeCompare(b.original.name, "en"),
        }),
      ],
    }),
    ...LENS_GROUPS.map((group) =>
      helper.group({
        id: group.id,
        header: group.heading,
        columns: group.columns.map((column) =>
          // A multiple that does not exist is undefined here, which the table keeps last both ways.
          helper.accessor((row) => row.lenses[column.key].value ?? undefined, {
            id: column.key,
            header: column.heading,
            sortUndefined: "last",
            sortDescFirst: true,
            sortingFn: (a, b) =>
              compareDecimals(
                a.original.lenses[column.key].value ?? "0",
                b.original.lenses[column.key].value ?? "0",
              ),
          }),
        ),
      }),
    ),
  ];
}

/** Companies or sectors by lenses, sortable, with the fund's own ratio of sums below. */
export function LensTable({ subject, rows, total, currency, sort, onSort, fundId }: Props) {
  const columns = useMemo(() => columnsFor(subject), [subject]);
  const { by, direction } = sort;
  const sorting: SortingState = useMemo(
    () => [{ id: by, desc: direction === "descending" }],
    [by, direction],
  );
  const table = useReactTable({
    data: rows as LensRow[],
    columns,
    state: { sorting },
    getRowId: (row) => row.id,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    enableSortingRemoval: false,
    // There are no pages, and setting one back after every sort would only draw the table again.
    autoResetPageIndex: false,
    onSortingChange: (update) => {
      const [next] = typeof update === "function" ? update(sorting) : update;
      if (!next) return;
      onSort({
        by: next.id as LensSort["by"],
        direction: next.desc ? "descending" : "ascending",
      });
    },
  });
  const sortedRows = table.getSortedRowModel().rows;
  const shown = useMemo(
    () => [...sortedRows.map((row) => row.original), total],
    [sortedRows, total],
  );
  const [tabStop, setTabStop] = useState<CellPosition>({ row: 0, column: 0 });
  const [open, setOpen] = useState<CellPosition | null>(null);
  const tableElement = useRef<HTMLTableElement>(null);
  const tooltipId = useId();

  // Rows can become fewer under the tab stop, and the grid must not lose its only way in.
  const stopRow = Math.min(tabStop.row, shown.length - 1);
  const hasLink = fundId !== undefined && stopRow < shown.length - 1;
  const stop = { row: stopRow, column: Math.max(tabStop.column, hasLink ? NAME_COLUMN : 0) };

  function cellAt(position: CellPosition): HTMLElement | null {
    const selector = `[data-row="${position.row}"][data-column="${position.column}"]`;
    return tableElement.current?.querySelector<HTMLElement>(selector) ?? null;
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const position = positionOf(event.target);
    if (!position) return;
    if (event.key === "Escape") setOpen(null);
    const next = positionAfterKey(event, position, {
      rows: shown.length,
      columns: LENS_COLUMNS.length,
      firstColumn: fundId !== undefined && position.row < shown.length - 1 ? NAME_COLUMN : 0,
    });
    if (!next) return;
    event.preventDefault();
    cellAt(next)?.focus();
  }

  const target = open && cellAt(open);
  const openRow = open && shown[open.row];
  const openColumn = open && LENS_COLUMNS[open.column];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroller} aria-label={`${subject} by lens, gross`} tabIndex={0}>
      <table
        ref={tableElement}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move between its cells
        role="grid"
        className={classes.table}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const position = positionOf(event.target);
          if (position) setTabStop(position);
          setOpen(position);
        }}
        onBlur={() => setOpen(null)}
        onMouseOver={(event) => setOpen(positionOf(event.target))}
        onMouseLeave={() => setOpen(null)}
      >
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) =>
                header.column.id === SUBJECT && header.subHeaders.length > 0 ? (
                  <td key={header.id} className={classes.groupHeading} />
                ) : header.subHeaders.length > 0 ? (
                  <th
                    key={header.id}
                    scope="colgroup"
                    colSpan={header.colSpan}
                    data-group={header.column.id}
                    className={classes.groupHeading}
                  >
                    {flexRender(header.column.columnDef.header, header.getContext())}
                  </th>
                ) : (
                  <th
                    key={header.id}
                    scope="col"
                    {...groupEdge(header.column)}
                    aria-sort={sort.by === header.column.id ? sort.direction : undefined}
                  >
                    <SortButton
                      text={String(header.column.columnDef.header)}
                      lensKey={header.column.id}
                      direction={sort.by === header.column.id ? sort.direction : null}
                      onClick={() => header.column.toggleSorting()}
                    />
                  </th>
                ),
              )}
            </tr>
          ))}
        </thead>
        <tbody>
          {shown.slice(0, -1).map((row, index) => (
            <Row
              key={row.id}
              row={row}
              index={index}
              tabStop={stop.row === index ? stop.column : null}
              describedBy={openColumn && open?.row === index ? tooltipId : undefined}
              fundId={fundId}
            />
          ))}
        </tbody>
        <tfoot>
          <Row
            row={total}
            index={shown.length - 1}
            tabStop={stop.row === shown.length - 1 ? stop.column : null}
            describedBy={openColumn && open?.row === shown.length - 1 ? tooltipId : undefined}
          />
        </tfoot>
      </table>
      {target && openRow && openColumn && (
        <Tooltip
          key={`${open.row} ${open.column}`}
          id={tooltipId}
          target={target}
          opened
          label={
            <Derivation
              of={openRow.name}
              column={openColumn}
              lens={openRow.lenses[openColumn.key]}
              currency={currency}
            />
          }
        />
      )}
    </section>
  );
}

/** Where a column stands in its group, for the lines between groups; nothing for the subject. */
function groupEdge({ parent, id }: Column<LensRow>) {
  if (!parent || parent.id === SUBJECT) return {};
  return { "data-group": parent.id, "data-first": parent.columns[0]?.id === id || undefined };
}

interface SortButtonProps {
  readonly text: string;
  readonly lensKey: string;
  readonly direction: LensSort["direction"] | null;
  readonly onClick: () => void;
}

function SortButton({ text, lensKey, direction, onClick }: SortButtonProps) {
  const column = LENS_COLUMNS.find(({ key }) => key === lensKey);
  const button = (
    <button
      type="button"
      className={classes.sort}
      data-direction={direction ?? undefined}
      aria-label={column?.name}
      onClick={onClick}
    >
      {text}
      <svg viewBox="0 0 8 10" aria-hidden="true" className={classes.arrow}>
        <path d="M4 1v8M1.2 6.2 4 9l2.8-2.8" />
      </svg>
    </button>
  );
  if (!column) return button;
  return (
    <Tooltip label={`${column.name}. ${column.help}`} w={240} events={HEADING_EVENTS}>
      {button}
    </Tooltip>
  );
}

const HEADING_EVENTS = { hover: true, focus: true, touch: false };

interface RowProps {
  readonly row: LensRow;
  readonly index: number;
  /** The column that takes the Tab key, when it is in this row. */
  readonly tabStop: number | null;
  readonly describedBy: string | undefined;
  readonly fundId?: number | undefined;
}

const Row = memo(function Row({ row, index, tabStop, describedBy, fundId }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <span className={classes.subject}>
          <span className={classes.name}>
            {fundId === undefined ? (
              row.name
            ) : (
              <Link
                to="/funds/$fundId/companies/$companyId"
                params={{ fundId: String(fundId), companyId: row.id }}
                search={({ asOf }) => (asOf === undefined ? {} : { asOf })}
                className={classes.link}
                tabIndex={tabStop === NAME_COLUMN ? 0 : -1}
                data-row={index}
                data-column={NAME_COLUMN}
              >
                {row.name}
              </Link>
            )}
          </span>
          <span className={classes.note}>{row.note}</span>
        </span>
      </th>
      {LENS_GROUPS.flatMap((group) =>
        group.columns.map((column, indexInGroup) => {
          const at = LENS_COLUMNS.indexOf(column);
          return (
            <td
              key={column.key}
              tabIndex={tabStop === at ? 0 : -1}
              data-row={index}
              data-column={at}
              data-group={group.id}
              data-first={indexInGroup === 0 || undefined}
              aria-describedby={describedBy}
            >
              <Multiple lensKey={column.key} lens={row.lenses[column.key]} />
            </td>
          );
        }),
      )}
    </tr>
  );
});
