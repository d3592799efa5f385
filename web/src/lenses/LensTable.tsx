import { Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Fragment, memo, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Derivation } from "./Derivation";
import { type CellPosition, NAME_COLUMN, positionAfterKey, positionOf } from "./grid-keys";
import { LensHead } from "./LensHead";
import classes from "./LensTable.module.css";
import { LENS_COLUMNS, LENS_GROUPS, type LensRow } from "./lens";
import { Multiple } from "./Multiple";
import { useRowWindow } from "./row-window";
import type { LensSort } from "./sort-rows";

interface Props {
  /** What a row stands for: "Company" or "Sector". */
  readonly subject: string;
  /** In the order of `sort`. */
  readonly rows: readonly LensRow[];
  readonly total: LensRow;
  readonly currency: string;
  readonly sort: LensSort;
  readonly onSort: (sort: LensSort) => void;
  /** Shows what a row is made of; rows without lots are not asked. */
  readonly onOpen?: (row: LensRow) => void;
  /** The fund whose companies the rows are: their names then lead to the companies' pages. */
  readonly fundId?: number | undefined;
}

/** Companies or sectors by lenses, sortable, with the fund's own ratio of sums below. */
export function LensTable({ subject, rows, total, currency, sort, onSort, onOpen, fundId }: Props) {
  const shown = useMemo(() => [...rows, total], [rows, total]);
  const [tabStop, setTabStop] = useState<CellPosition>({ row: 0, column: 0 });
  const [open, setOpen] = useState<CellPosition | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const tableElement = useRef<HTMLTableElement>(null);
  const tooltipId = useId();

  // Rows can become fewer under the tab stop, and the grid must not lose its only way in.
  const stopRow = Math.min(tabStop.row, shown.length - 1);
  const hasLink = fundId !== undefined && stopRow < shown.length - 1;
  const stop = { row: stopRow, column: Math.max(tabStop.column, hasLink ? NAME_COLUMN : 0) };
  const inDocument = useRowWindow(scroller, rows.length, stop.row);
  const toFocus = useRef<CellPosition | null>(null);

  // A row out of view is put into the document by becoming the tab stop, and can only then be focused.
  useLayoutEffect(() => {
    if (!toFocus.current) return;
    cellAt(toFocus.current)?.focus();
    toFocus.current = null;
  });

  function cellAt(position: CellPosition): HTMLElement | null {
    const selector = `[data-row="${position.row}"][data-column="${position.column}"]`;
    return tableElement.current?.querySelector<HTMLElement>(selector) ?? null;
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const position = positionOf(event.target);
    if (!position) return;
    if (event.key === "Escape") setOpen(null);
    // A name is a link, which Enter follows.
    const isNumber = position.column !== NAME_COLUMN;
    if (event.key === "Enter" && isNumber && event.target === cellAt(position)) {
      // Otherwise the same key presses the button that has the focus in what is opened.
      event.preventDefault();
      openRowAt(position);
    }
    const next = positionAfterKey(event, position, {
      rows: shown.length,
      columns: LENS_COLUMNS.length,
      firstColumn: fundId !== undefined && position.row < shown.length - 1 ? NAME_COLUMN : 0,
    });
    if (!next) return;
    event.preventDefault();
    toFocus.current = next;
    setTabStop(next);
  }

  function openRowAt({ row, column }: CellPosition): void {
    const chosen = shown[row];
    if (!LENS_COLUMNS[column] || !chosen?.lots || !onOpen) return;
    setOpen(null);
    onOpen(chosen);
  }

  const target = open && cellAt(open);
  const openRow = open && shown[open.row];
  const openColumn = open && LENS_COLUMNS[open.column];
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      data-windowed={inDocument.isWindowed || undefined}
      aria-label={`${subject} by lens, gross`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table
        ref={tableElement}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move between its cells
        role="grid"
        aria-rowcount={HEADING_ROWS + shown.length}
        className={classes.table}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const position = positionOf(event.target);
          if (position) setTabStop(position);
          setOpen(position);
        }}
        onBlur={() => setOpen(null)}
        onClick={(event) => {
          const position = positionOf(event.target);
          if (position) openRowAt(position);
        }}
        onMouseOver={(event) => setOpen(positionOf(event.target))}
        onMouseLeave={() => setOpen(null)}
      >
        <colgroup>
          <col className={classes.subjectColumn} />
          <col className={classes.lensColumn} span={LENS_COLUMNS.length} />
        </colgroup>
        <LensHead subject={subject} sort={sort} onSort={onSort} />
        <tbody>
          {inDocument.rows.map(({ index, gapBefore }) => {
            const row = shown[index];
            if (!row) return null;
            return (
              // A window keeps its rows and changes what is in them, which is half the work of putting others in their place.
              <Fragment key={inDocument.isWindowed ? index : row.id}>
                <Gap height={gapBefore} />
                <Row
                  row={row}
                  index={index}
                  tabStop={stop.row === index ? stop.column : null}
                  describedBy={open?.row === index ? tooltipId : undefined}
                  onOpen={onOpen}
                  fundId={fundId}
                />
              </Fragment>
            );
          })}
          <Gap height={inDocument.gapAfter} />
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
              hint={openRow.lots && onOpen ? "Click, or press Enter, for its lots." : undefined}
            />
          }
        />
      )}
    </section>
  );
}

/** The group headings and the column headings. */
const HEADING_ROWS = 2;

/** Stands for rows that are not in the document. */
function Gap({ height }: { height: number }) {
  if (height === 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
    <tr aria-hidden="true" className={classes.gap}>
      <td colSpan={1 + LENS_COLUMNS.length} style={{ height }} />
    </tr>
  );
}

interface RowProps {
  readonly row: LensRow;
  readonly index: number;
  /** The column that takes the Tab key, when it is in this row. */
  readonly tabStop: number | null;
  readonly describedBy: string | undefined;
  readonly onOpen?: ((row: LensRow) => void) | undefined;
  readonly fundId?: number | undefined;
}

const Row = memo(function Row(props: RowProps) {
  const { row, index, tabStop, describedBy, onOpen, fundId } = props;
  return (
    <tr data-index={index} aria-rowindex={HEADING_ROWS + 1 + index}>
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
        {row.lots && onOpen && (
          <button
            type="button"
            // Enter in any of the row's cells does the same, so that a long table is not a long way for the Tab key.
            tabIndex={-1}
            className={classes.lots}
            aria-label={`Lots of ${row.name}`}
            onClick={() => onOpen(row)}
          >
            {row.lots === 1 ? "1 lot" : `${row.lots} lots`}
          </button>
        )}
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
