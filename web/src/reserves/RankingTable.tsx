import { getRouteApi, Link } from "@tanstack/react-router";
import { DerivedMultiple } from "../lenses/DerivedMultiple";
import type { Lens, LensKey } from "../lenses/lens";
import { formatCents } from "../money/format";
import { TableRegion } from "../shell/TableRegion";
import type { Ranked, Ranking, RankingColumn } from "./ranking";
import classes from "./reserves.module.css";

const route = getRouteApi("/funds/$fundId/reserves");
const PLANNED = "exit_moic_planned_reserves";
const DEPLOYED = "current_moic_deployed_reserves";

interface Props {
  readonly ranked: readonly Ranked[];
  readonly sortedBy: RankingColumn;
  /** The fund's own lenses, where all of its companies are shown. */
  readonly fund: Ranking["fund"] | null;
  readonly currency: string;
}

/** The ranking in numbers; each multiple says what it is the ratio of. */
export function RankingTable({ ranked, sortedBy, fund, currency }: Props) {
  const sort = (column: RankingColumn, direction: "ascending" | "descending") =>
    sortedBy === column ? { "aria-sort": direction } : {};
  return (
    <TableRegion label="Ranking of planned reserves, gross">
      <thead>
        <tr>
          <th scope="col" data-number {...sort("rank", "ascending")}>
            Rank
          </th>
          <th scope="col" {...sort("name", "ascending")}>
            Company
          </th>
          <th scope="col" data-number>
            Exit MOIC on planned
          </th>
          <th scope="col">Sector</th>
          <th scope="col" data-number {...sort("proceeds", "descending")}>
            Expected proceeds
          </th>
          <th scope="col" data-number {...sort("cost", "descending")}>
            Expected cost
          </th>
          <th scope="col" data-number {...sort("deployed", "descending")}>
            MOIC on deployed
          </th>
          <th scope="col" data-number>
            Deployed so far
          </th>
        </tr>
      </thead>
      <tbody>
        {ranked.map((one) => (
          <tr key={one.id} className={one.rank === null ? classes.unranked : undefined}>
            <td data-number>{one.rank ?? "–"}</td>
            <th scope="row">
              <CompanyLink id={one.id} name={one.name} />
            </th>
            <Figures
              of={one.name}
              sector={one.sector}
              planned={one.planned}
              deployed={one.deployed}
              currency={currency}
            />
          </tr>
        ))}
      </tbody>
      {fund && (
        <tfoot>
          <tr>
            <td />
            <th scope="row">Fund total</th>
            <Figures
              of="Fund"
              sector="ratio of sums"
              planned={fund.planned}
              deployed={fund.deployed}
              currency={currency}
            />
          </tr>
        </tfoot>
      )}
    </TableRegion>
  );
}

function CompanyLink({ id, name }: { id: string; name: string }) {
  const { fundId } = route.useParams();
  return (
    <Link
      to="/funds/$fundId/companies/$companyId"
      params={{ fundId, companyId: id }}
      search={({ asOf }) => ({ lens: PLANNED as LensKey, ...(asOf === undefined ? {} : { asOf }) })}
    >
      {name}
    </Link>
  );
}

interface FiguresProps {
  readonly of: string;
  readonly sector: string;
  readonly planned: Lens;
  readonly deployed: Lens;
  readonly currency: string;
}

function Figures({ of, sector, planned, deployed, currency }: FiguresProps) {
  return (
    <>
      <td data-number>
        <DerivedMultiple of={of} lensKey={PLANNED} lens={planned} currency={currency} />
      </td>
      <td>{sector}</td>
      <td data-number>{formatCents(planned.value && planned.numeratorCents, currency)}</td>
      <td data-number>{formatCents(planned.value && planned.denominatorCents, currency)}</td>
      <td data-number>
        <DerivedMultiple of={of} lensKey={DEPLOYED} lens={deployed} currency={currency} />
      </td>
      <td data-number>{formatCents(deployed.denominatorCents, currency)}</td>
    </>
  );
}
