import { isLensKey, LENS_COLUMNS, type LensKey } from "../lenses/lens";
import { reasonText } from "../lenses/reasons";
import { TableRegion } from "../shell/TableRegion";
import classes from "./ComparisonTables.module.css";
import { causeText } from "./cause-text";
import { changeText, multipleText } from "./multiple-text";
import type { CompanyChange, LensChange, SnapshotComparison } from "./wire";

/** The fund's seven lenses on both sides. */
export function FundChanges({ comparison }: { comparison: SnapshotComparison }) {
  return (
    <TableRegion label="The fund's lenses in both snapshots, gross">
      <thead>
        <tr>
          <th scope="col">Fund</th>
          <SideHeadings a={comparison.a.name} b={comparison.b.name} />
        </tr>
      </thead>
      <tbody>
        {LENS_COLUMNS.map(({ key, name }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            <Sides lensKey={key} change={comparison.fund[key]} />
          </tr>
        ))}
      </tbody>
    </TableRegion>
  );
}

/** The companies that differ, lens by lens, and the facts that made the difference. */
export function CompanyChanges({ companies }: { companies: readonly CompanyChange[] }) {
  if (companies.length === 0) {
    return <p className={classes.same}>No company differs: both know the same facts.</p>;
  }
  return (
    <div className={classes.companies}>
      <TableRegion label="Companies that differ">
        <thead>
          <tr>
            <th scope="col">Company</th>
            <th scope="col">Lens</th>
            <SideHeadings a="First" b="Second" />
            <th scope="col">Why</th>
          </tr>
        </thead>
        {companies.map((company) => (
          <tbody key={company.id}>
            <Company company={company} />
          </tbody>
        ))}
      </TableRegion>
    </div>
  );
}

function SideHeadings({ a, b }: { a: string; b: string }) {
  return (
    <>
      <th scope="col" data-number>
        {a}
      </th>
      <th scope="col" data-number>
        {b}
      </th>
      <th scope="col" data-number>
        Change
      </th>
    </>
  );
}

const PRESENCE: Readonly<Record<string, string>> = { a: " (first only)", b: " (second only)" };

function Company({ company }: { company: CompanyChange }) {
  const changed = LENS_COLUMNS.filter(({ key }) => company.lenses[key]);
  const name = `${company.name ?? `Company ${company.id}`}${PRESENCE[company.presence] ?? ""}`;
  const rows = Math.max(changed.length, 1);
  const causes = (
    <td rowSpan={rows}>
      <ul className={classes.causes}>
        {[...new Set(company.causes.map(causeText))].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </td>
  );
  if (changed.length === 0) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td colSpan={4}>No lens differs</td>
        {causes}
      </tr>
    );
  }
  return changed.map(({ key, name: lensName }, index) => (
    <tr key={key}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={rows}>
          {name}
        </th>
      )}
      <td>{lensName}</td>
      <Sides lensKey={key} change={company.lenses[key]} />
      {index === 0 && causes}
    </tr>
  ));
}

function Sides({ lensKey, change }: { lensKey: LensKey; change: LensChange | undefined }) {
  const difference = changeText(change?.change);
  const isLoss = change?.change?.startsWith("-") ?? false;
  const isSame = difference === null || /^[+-]?0\.0+x$/.test(difference);
  return (
    <>
      <td data-number title={change?.a ?? undefined}>
        {multipleText(change?.a) ?? <Absent lensKey={lensKey} reason={change?.reason_a} />}
      </td>
      <td data-number title={change?.b ?? undefined}>
        {multipleText(change?.b) ?? <Absent lensKey={lensKey} reason={change?.reason_b} />}
      </td>
      <td
        data-number
        title={change?.change ?? undefined}
        className={isSame ? classes.same : isLoss ? classes.loss : classes.gain}
      >
        {difference ?? "–"}
      </td>
    </>
  );
}

function Absent({ lensKey, reason }: { lensKey: LensKey; reason: string | null | undefined }) {
  if (!reason || !isLensKey(lensKey)) return "n/a";
  const nothing = { numeratorCents: null, denominatorCents: null, value: null, display: null };
  const text = reasonText(lensKey, { ...nothing, reason, flags: [], lots: [] });
  return <span title={text ?? undefined}>n/a</span>;
}
