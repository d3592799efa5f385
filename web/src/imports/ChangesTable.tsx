import { Section } from "../shell/Section";
import { TableRegion } from "../shell/TableRegion";
import {
  byCompany,
  type CompanyChanges,
  differenceText,
  matchedText,
  recordText,
} from "./change-text";
import { changeCount } from "./count-words";
import classes from "./imports.module.css";
import { shownOf } from "./problem-groups";
import type { ImportChange, ImportReport } from "./wire";

/** Every record that the import would create or change, before and after. */
export function ChangesTable({ report, currency }: { report: ImportReport; currency: string }) {
  const { changes, counts } = report;
  if (changes.length === 0) return null;
  const hasSheets = changes.some(({ sheet }) => sheet != null);
  return (
    <Section
      title="What would change"
      aside={shownOf(changes.length, changeCount(counts)) ?? undefined}
    >
      <TableRegion label="Records that would change">
        <thead>
          <tr>
            <th scope="col">Company</th>
            <th scope="col">Record</th>
            <th scope="col">Change</th>
            {hasSheets && <th scope="col">Sheet</th>}
            <th scope="col" data-number>
              Row
            </th>
          </tr>
        </thead>
        {byCompany(changes).map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two companies may have one name, and the list never changes
          <tbody key={index} className={classes.company}>
            <Company group={group} hasSheets={hasSheets} currency={currency} />
          </tbody>
        ))}
      </TableRegion>
    </Section>
  );
}

interface CompanyProps {
  readonly group: CompanyChanges;
  readonly hasSheets: boolean;
  readonly currency: string;
}

function Company({ group, hasSheets, currency }: CompanyProps) {
  return group.changes.map((change, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two equal events are two records, and the list never changes
    <tr key={index}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={group.changes.length}>
          {group.company}
          <span className={classes.matched}>{matchedText(group.matchedBy)}</span>
        </th>
      )}
      <td>{recordText(change)}</td>
      <td>
        <Change change={change} currency={currency} />
      </td>
      {hasSheets && <td>{change.sheet ?? "–"}</td>}
      <td data-number>{change.row ?? "–"}</td>
    </tr>
  ));
}

function Change({ change, currency }: { change: ImportChange; currency: string }) {
  if (change.differences.length === 0) return change.change;
  return (
    <ul className={classes.differences}>
      {change.differences.map((difference) => {
        const { field, before, after } = differenceText(difference, currency);
        return (
          <li key={difference.field}>
            <span className={classes.muted}>{field}</span>
            <del>{before ?? "nothing"}</del>
            <span aria-hidden="true">→</span>
            <ins>{after ?? "nothing"}</ins>
          </li>
        );
      })}
    </ul>
  );
}
