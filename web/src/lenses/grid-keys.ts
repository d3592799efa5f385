/** Moving between the cells of a grid with the keyboard, after the ARIA grid pattern. */

export interface CellPosition {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** {@link NAME_COLUMN} where the names of rows can be reached too, otherwise 0. */
  readonly firstColumn: number;
}

/** The column of the rows' names, left of the first number. */
export const NAME_COLUMN = -1;

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
}

/** How many rows Page Up and Page Down move. */
const PAGE_ROWS = 10;

/** Which cell the event's target lies in, by its `data-row` and `data-column`; null when in none. */
export function positionOf(target: EventTarget | null): CellPosition | null {
  if (!(target instanceof Element)) return null;
  const cell = target.closest<HTMLElement>("[data-row][data-column]");
  if (!cell) return null;
  return { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
}

/** The cell that a key moves to; null when the key does not move, so that it keeps its usual meaning. */
export function positionAfterKey(
  key: Key,
  from: CellPosition,
  size: GridSize,
): CellPosition | null {
  const { row, column } = from;
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  switch (key.key) {
    case "ArrowUp":
      return { row: Math.max(row - 1, 0), column };
    case "ArrowDown":
      return { row: Math.min(row + 1, lastRow), column };
    case "ArrowLeft":
      return { row, column: Math.max(column - 1, size.firstColumn) };
    case "ArrowRight":
      return { row, column: Math.min(column + 1, lastColumn) };
    case "PageUp":
      return { row: Math.max(row - PAGE_ROWS, 0), column };
    case "PageDown":
      return { row: Math.min(row + PAGE_ROWS, lastRow), column };
    case "Home":
      return { row: key.ctrlKey ? 0 : row, column: size.firstColumn };
    case "End":
      return { row: key.ctrlKey ? lastRow : row, column: lastColumn };
    default:
      return null;
  }
}
