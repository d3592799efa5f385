import { useCallback, useLayoutEffect, useRef } from "react";
import classes from "./LensTable.module.css";
import { LENS_GROUPS } from "./lens";
import { SortButton } from "./SortButton";
import { type LensSort, sortAfter } from "./sort-rows";

interface Props {
  /** What a row stands for: "Company" or "Sector". */
  readonly subject: string;
  readonly sort: LensSort;
  readonly onSort: (sort: LensSort) => void;
}

/** The headings of the lens table: the lenses under today and at exit, each a way to sort. */
export function LensHead({ subject, sort, onSort }: Props) {
  const latest = useRef({ sort, onSort });
  useLayoutEffect(() => {
    latest.current = { sort, onSort };
  });
  // The same for as long as the table stands, so that only the headings that change are drawn again.
  const press = useCallback((by: LensSort["by"]) => {
    const { sort, onSort } = latest.current;
    onSort(sortAfter(by, sort));
  }, []);
  return (
    <thead>
      <tr>
        <td className={classes.groupHeading} />
        {LENS_GROUPS.map((group) => (
          <th
            key={group.id}
            scope="colgroup"
            colSpan={group.columns.length}
            data-group={group.id}
            className={classes.groupHeading}
          >
            {group.heading}
          </th>
        ))}
      </tr>
      <tr>
        <th scope="col" aria-sort={sort.by === "name" ? sort.direction : undefined}>
          <SortButton
            text={subject}
            column={null}
            direction={sort.by === "name" ? sort.direction : null}
            by="name"
            onPress={press}
          />
        </th>
        {LENS_GROUPS.flatMap((group) =>
          group.columns.map((column, indexInGroup) => (
            <th
              key={column.key}
              scope="col"
              data-group={group.id}
              data-first={indexInGroup === 0 || undefined}
              aria-sort={sort.by === column.key ? sort.direction : undefined}
            >
              <SortButton
                text={column.heading}
                column={column}
                direction={sort.by === column.key ? sort.direction : null}
                by={column.key}
                onPress={press}
              />
            </th>
          )),
        )}
      </tr>
    </thead>
  );
}
