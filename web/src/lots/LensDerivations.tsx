import { LENS_GROUPS, type Lens, type LensKey } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import { flagTexts, reasonText } from "../lenses/reasons";
import type { CompanyLenses } from "../lenses/report";
import { formatCents } from "../money/format";
import classes from "./Lots.module.css";

/** Which lots and reserves a lens adds up. */
const MADE_OF: Readonly<Record<LensKey, string>> = {
  current_moic: "all lots",
  current_moic_initial: "initial lots",
  current_moic_deployed_reserves: "follow-on lots",
  exit_moic: "all lots and planned reserves",
  exit_moic_initial: "initial lots",
  exit_moic_follow_ons: "follow-on lots and planned reserves",
  exit_moic_planned_reserves: "planned reserves",
};

/** Each lens of a company as a ratio of two amounts of money, and what they add up. */
export function LensDerivations(props: { lenses: CompanyLenses; currency: string }) {
  const { lenses, currency } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.scroller} aria-label="How the lenses come about" tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Lens</th>
            <th scope="col">Multiple</th>
            <th scope="col">Value</th>
            <th scope="col">Cost</th>
            <th scope="col" className={classes.text}>
              Sums over
            </th>
          </tr>
        </thead>
        {LENS_GROUPS.map((group) => (
          <tbody key={group.id}>
            {group.columns.map(({ key, name }) => (
              <Row
                key={key}
                name={name}
                lensKey={key}
                lens={lenses.lenses[key]}
                currency={currency}
              />
            ))}
          </tbody>
        ))}
      </table>
    </section>
  );
}

function Row(props: { name: string; lensKey: LensKey; lens: Lens; currency: string }) {
  const { name, lensKey, lens, currency } = props;
  const remarks = [reasonText(lensKey, lens), ...flagTexts(lens)].filter((text) => text !== null);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <strong>
          <Multiple lensKey={lensKey} lens={lens} />
        </strong>
      </td>
      <td>= {formatCents(lens.numeratorCents, currency)}</td>
      <td>÷ {formatCents(lens.denominatorCents, currency)}</td>
      <td className={classes.text}>
        {MADE_OF[lensKey]}
        {remarks.map((remark) => (
          <span key={remark} className={classes.remark}>
            {remark}
          </span>
        ))}
      </td>
    </tr>
  );
}
