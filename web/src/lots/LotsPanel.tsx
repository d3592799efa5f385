import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { fundsQuery, type Moment } from "../api/queries";
import type { LensReport } from "../lenses/report";
import { formatDate } from "../money/format";
import type { CompanyRow } from "../pages/lens-rows";
import { Failure } from "../shell/Failure";
import { SidePanel } from "../shell/SidePanel";
import { lotGroups, type SecondaryBucket } from "./breakdown";
import { LensDerivations } from "./LensDerivations";
import { LotTable } from "./LotTable";
import { lotFactsQuery } from "./lot-facts";

interface Props {
  readonly report: LensReport;
  /** Undefined when the report has no such company. */
  readonly company: CompanyRow | undefined;
  readonly currency: string;
  readonly fundId: number;
  readonly moment: Moment;
  readonly onClose: () => void;
}

/** What a company's lenses are made of, down to its lots. */
export default function LotsPanel({ company, report, onClose, ...rest }: Props) {
  const lenses = report.companies.find(({ id }) => id === company?.id);
  if (!company || !lenses) {
    return (
      <SidePanel title="No such company" onClose={onClose}>
        <p>The fund has no company with this number as of {formatDate(report.asOf)}.</p>
      </SidePanel>
    );
  }
  const note = [company.sector, company.stage, `as of ${formatDate(report.asOf)}`, "gross"];
  return (
    <SidePanel
      title={company.name}
      note={note.filter((text) => text !== undefined).join(" · ")}
      onClose={onClose}
    >
      <LensDerivations lenses={lenses} currency={rest.currency} />
      <Lots {...rest} lenses={lenses} />
    </SidePanel>
  );
}

function Lots(props: {
  lenses: LensReport["companies"][number];
  currency: string;
  fundId: number;
  moment: Moment;
}) {
  const { lenses, currency, fundId, moment } = props;
  const funds = useQuery(fundsQuery);
  const facts = useQuery(
    lotFactsQuery({
      fundId,
      companyId: Number(lenses.id),
      moment: { asOf: moment.asOf, knownAt: moment.knownAt },
      lotIds: lenses.lots.map(({ id }) => id),
    }),
  );
  if (facts.error) {
    return (
      <Failure
        error={facts.error}
        title="The lots could not be loaded"
        onRetry={() => void facts.refetch()}
      />
    );
  }
  if (!facts.data || !funds.data) return <Skeleton height={220} radius={10} aria-label="Loading" />;
  const policy = funds.data.find(({ id }) => id === fundId)?.policy;
  const secondaries = (policy?.secondaryBucket ?? "by_position") as SecondaryBucket;
  const groups = lotGroups(lenses, facts.data, secondaries);
  return <LotTable groups={groups} lenses={lenses} currency={currency} />;
}
