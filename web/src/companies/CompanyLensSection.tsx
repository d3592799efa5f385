import { Skeleton } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { LENS_COLUMNS, LENS_GROUPS, type LensColumn, type Lenses } from "../lenses/lens";
import { Multiple } from "../lenses/Multiple";
import { legacyReasonText } from "../lenses/reasons";
import { lensesOf } from "../lenses/report";
import { formatCents, formatDate } from "../money/format";
import { BetaBadge } from "../shell/BetaBadge";
import card from "../shell/card.module.css";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import classes from "./CompanyLensSection.module.css";
import type { CompanySearch } from "./company-search";
import { derivationRows } from "./derivation-rows";
import type { CompanyEvent } from "./event";
import { LensDerivation } from "./LensDerivation";
import type { CompanyLensAnswer } from "./use-company-lenses";
import type { CompanyLenses, Lot, Policy } from "./wire";

const route = getRouteApi("/funds/$fundId/companies/$companyId");

interface Props {
  readonly lenses: CompanyLensAnswer;
  readonly lots: readonly Lot[];
  readonly events: readonly CompanyEvent[];
  readonly currency: string;
  readonly policy: Policy;
}

/** The seven lenses of a company, each of which opens what it is made of; the simple MOIC while they are off. */
export function CompanyLensSection({ lenses, currency, ...facts }: Props) {
  if (lenses.error instanceof RequestFailed && lenses.error.isFeatureDisabled) {
    return (
      <FeatureOff title="Seven lenses" message={lenses.error.message}>
        <SimpleMoic simple={lenses.simple} currency={currency} />
      </FeatureOff>
    );
  }
  if (lenses.error) {
    return (
      <Failure
        error={lenses.error}
        title="The seven lenses could not be loaded"
        onRetry={lenses.retry}
      />
    );
  }
  if (!lenses.data) return <Skeleton height={150} radius={10} aria-label="Loading the lenses" />;
  const { company, asOf } = lenses.data;
  if (!company) {
    return (
      <Empty title="No lenses as of this date">
        The company has no lots on {formatDate(asOf)}. Choose a later date.
      </Empty>
    );
  }
  return <Figures company={company} asOf={asOf} currency={currency} {...facts} />;
}

function SimpleMoic({
  simple,
  currency,
}: {
  simple: CompanyLensAnswer["simple"];
  currency: string;
}) {
  if (!simple) return <p>The simple MOIC is loading.</p>;
  const { moic, investedCents } = simple;
  return (
    <p>
      Simple MOIC, gross:{" "}
      <strong>
        {moic.display
          ? `${moic.display} = ${formatCents(moic.numeratorCents, currency)} / ${formatCents(moic.denominatorCents, currency)}`
          : `n/a. ${legacyReasonText(moic.reason)}`}
      </strong>{" "}
      ({simple.basis}). {formatCents(investedCents, currency)} invested. Lots, events and exit cases
      stay readable below.
    </p>
  );
}

function Figures(props: Omit<Props, "lenses"> & { company: CompanyLenses; asOf: string }) {
  const { company, asOf, currency } = props;
  const { lens: open } = route.useSearch();
  const navigate = route.useNavigate();
  const lenses = lensesOf(company.lenses);
  const openColumn = LENS_COLUMNS.find(({ key }) => key === open);
  function toggle(column: LensColumn): void {
    const next = (search: CompanySearch): CompanySearch => {
      const { lens, ...rest } = search;
      return lens === column.key ? rest : { ...rest, lens: column.key };
    };
    void navigate({ search: next, replace: true, resetScroll: false });
  }
  return (
    <section className={card.card} aria-labelledby="company-lenses">
      <header className={card.header}>
        <h2 id="company-lenses" className={card.title}>
          Seven lenses
        </h2>
        <BetaBadge />
        <span className={card.aside}>
          gross · as of {formatDate(asOf)} · press a number for its derivation
        </span>
      </header>
      <div className={classes.groups}>
        {LENS_GROUPS.map((group) => (
          <div key={group.id} className={classes.group}>
            <h3 className={classes.groupHeading}>{group.heading}</h3>
            <div className={classes.figures}>
              {group.columns.map((column) => (
                <Figure
                  key={column.key}
                  column={column}
                  lenses={lenses}
                  isOpen={column.key === open}
                  onPress={() => toggle(column)}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      {openColumn && (
        <LensDerivation
          column={openColumn}
          lens={lenses[openColumn.key]}
          rows={derivationRows(openColumn.key, props)}
          currency={currency}
        />
      )}
    </section>
  );
}

interface FigureProps {
  readonly column: LensColumn;
  readonly lenses: Lenses;
  readonly isOpen: boolean;
  readonly onPress: () => void;
}

function Figure({ column, lenses, isOpen, onPress }: FigureProps) {
  return (
    <button
      type="button"
      className={classes.figure}
      aria-expanded={isOpen}
      aria-controls={isOpen ? "lens-derivation" : undefined}
      title={column.help}
      onClick={onPress}
    >
      <span className={classes.name}>{column.heading}</span>
      <span className={classes.multiple}>
        <Multiple lensKey={column.key} lens={lenses[column.key]} />
      </span>
    </button>
  );
}
