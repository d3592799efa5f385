import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { flushSync } from "react-dom";

/** With more rows than this, only those near the view are in the document: sorting a thousand took half a second otherwise. */
export const WINDOW_FROM_ROWS = 60;

/** Until the first row is measured. In a windowed table all rows are of one height. */
const ROW_HEIGHT_PX = 34;
/** Two rows of headings, which stay in view above the first row. */
const HEADINGS_PX = 64;
const ROWS_BEYOND_VIEW = 8;
/** The window moves by as many rows at once, so that not every turn of the wheel draws the table again. */
const STEP_ROWS = 4;

/** What of a table is to be seen, in pixels. */
export interface View {
  readonly top: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** A row that is in the document, and the empty height before it. */
export interface WindowedRow {
  readonly index: number;
  readonly gapBefore: number;
}

/** The rows that are in the document, and the empty height after them. */
export interface RowWindow {
  readonly rows: readonly WindowedRow[];
  readonly gapAfter: number;
}

/** The rows of `count` that are near the view, and `kept`, which takes the Tab key and must never be missing. */
export function rowsNear(view: View, count: number, kept: number): RowWindow {
  const first = Math.floor(view.top / view.rowHeight) - ROWS_BEYOND_VIEW;
  const last = Math.ceil((view.top + view.height) / view.rowHeight) + ROWS_BEYOND_VIEW;
  const from = Math.min(Math.max(0, Math.floor(first / STEP_ROWS) * STEP_ROWS), count);
  const to = Math.max(from, Math.min(count, Math.ceil(last / STEP_ROWS) * STEP_ROWS));
  const indices = Array.from({ length: to - from }, (_, offset) => from + offset);
  if (kept < from) indices.unshift(kept);
  if (kept >= to && kept < count) indices.push(kept);
  let next = 0;
  const rows = indices.map((index) => {
    const gapBefore = (index - next) * view.rowHeight;
    next = index + 1;
    return { index, gapBefore };
  });
  return { rows, gapAfter: (count - next) * view.rowHeight };
}

/** {@link rowsNear} for what is scrolled to in `scroller`; every row of a short table, and on paper. */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  kept: number,
): RowWindow & { readonly isWindowed: boolean } {
  const isPrinting = useIsPrinting();
  const isWindowed = count > WINDOW_FROM_ROWS && !isPrinting;
  const [view, setView] = useState<View>({ top: 0, height: 0, rowHeight: ROW_HEIGHT_PX });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !isWindowed) return;
    function look(): void {
      if (!element) return;
      const row = element.querySelector("tbody tr[data-index]");
      const rowHeight = row?.getBoundingClientRect().height || ROW_HEIGHT_PX;
      const step = rowHeight * STEP_ROWS;
      const top = Math.floor(Math.max(0, element.scrollTop - HEADINGS_PX) / step) * step;
      const height = element.clientHeight;
      setView((known) =>
        known.top === top && known.height === height && known.rowHeight === rowHeight
          ? known
          : { top, height, rowHeight },
      );
    }
    look();
    element.addEventListener("scroll", look, { passive: true });
    const resizes = new ResizeObserver(look);
    resizes.observe(element);
    return () => {
      element.removeEventListener("scroll", look);
      resizes.disconnect();
    };
  }, [scroller, isWindowed]);

  if (isWindowed) return { ...rowsNear(view, count, kept), isWindowed };
  const rows = Array.from({ length: count }, (_, index) => ({ index, gapBefore: 0 }));
  return { rows, gapAfter: 0, isWindowed };
}

/** On paper every row is there. */
function useIsPrinting(): boolean {
  const [isPrinting, setIsPrinting] = useState(false);
  useEffect(() => {
    // The browser takes its picture right after the event.
    const start = () => flushSync(() => setIsPrinting(true));
    const end = () => setIsPrinting(false);
    window.addEventListener("beforeprint", start);
    window.addEventListener("afterprint", end);
    return () => {
      window.removeEventListener("beforeprint", start);
      window.removeEventListener("afterprint", end);
    };
  }, []);
  return isPrinting;
}
