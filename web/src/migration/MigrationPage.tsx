import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RequestFailed } from "../api/problem";
import { fundsQuery } from "../api/queries";
import { includesRole, sessionQuery } from "../api/session";
import type { Fund } from "../api/wire";
import { saveFile } from "../downloads/save-file";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import { Applied } from "../imports/Applied";
import { counted } from "../imports/count-words";
import card from "../shell/card.module.css";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { PageHeading } from "../shell/PageHeading";
import { Refusal } from "../shell/Refusal";
import { Section } from "../shell/Section";
import { ComparisonTable } from "./ComparisonTable";
import { isTyped } from "./draft";
import { InvestmentsTable } from "./InvestmentsTable";
import { MigrationRules } from "./MigrationRules";
import classes from "./migration.module.css";
import { migrationCsv } from "./migration-csv";
import { planText } from "./migration-text";
import { ReviewList } from "./ReviewList";
import { useMigration } from "./use-migration";
import type { MigrationReport } from "./wire";

const route = getRouteApi("/funds/$fundId/migration");
const NEEDED_ROLE = "analyst";

/** Legacy investments into lots: worked out at once, written when somebody says so, and taken back. */
export function MigrationPage() {
  const fundId = Number(route.useParams().fundId);
  const funds = useQuery(fundsQuery);
  const session = useQuery(sessionQuery);
  const feature = useLotLevelMoic();
  const fund = funds.data?.find(({ id }) => id === fundId);
  const failed = [session, funds].find(({ error }) => error);
  return (
    <>
      <title>Legacy investments into lots · Lotwise</title>
      <PageHeading title="Legacy investments into lots" fund={{ id: fundId, name: fund?.name }}>
        <Link
          className={classes.way}
          to="/funds/$fundId/import"
          params={{ fundId: String(fundId) }}
        >
          Import a file instead
        </Link>
      </PageHeading>
      {failed?.error ? (
        <Failure
          error={failed.error}
          title="The page could not be loaded"
          onRetry={() => void failed.refetch()}
        />
      ) : !session.data || !funds.data || !feature.isKnown ? (
        <Skeleton height={320} radius={10} aria-label="Loading" />
      ) : !fund ? (
        <Empty title="There is no such fund">
          Or it is none that you may see. Choose another one above.
        </Empty>
      ) : !includesRole(session.data, NEEDED_ROLE) ? (
        <Empty title="You may not migrate the investments of this fund">
          Migrating needs the role {NEEDED_ROLE}; yours is {session.data.role}. Ask an administrator
          for a token with it.
        </Empty>
      ) : (
        <Migration key={fundId} fund={fund} isOn={feature.isOn} />
      )}
    </>
  );
}

function Migration({ fund, isOn }: { fund: Fund; isOn: boolean }) {
  const migration = useMigration(fund.id, isOn);
  const { draft, clear, rehearsal, report, failure, apply, applied } = migration;
  const off = [apply.error, rehearsal.error].find(
    (error) => error instanceof RequestFailed && error.isFeatureDisabled,
  );
  const done = applied && <Applied applied={applied} />;
  if (!isOn || off) {
    return (
      <>
        {done}
        <FeatureOff
          title="Migration"
          message={off?.message ?? "The lot-level MOIC feature is currently disabled"}
        >
          Nothing was written, and what you typed is kept until it returns. The{" "}
          <Link to="/funds/$fundId" params={{ fundId: String(fund.id) }}>
            portfolio shows the simple MOIC
          </Link>{" "}
          meanwhile.
          {off && (
            <div className={classes.actions}>
              <Button
                size="compact-sm"
                variant="light"
                onClick={() => {
                  apply.reset();
                  void rehearsal.refetch();
                }}
              >
                Try again
              </Button>
            </div>
          )}
        </FeatureOff>
      </>
    );
  }
  return (
    <div className={classes.steps}>
      {done}
      {failure && (
        <div>
          <Refusal error={failure} />
          <div className={classes.actions}>
            <Button size="compact-sm" variant="light" onClick={() => void rehearsal.refetch()}>
              Try again
            </Button>
            {isTyped(draft) && (
              <Button size="compact-sm" variant="subtle" onClick={clear}>
                Clear what was typed
              </Button>
            )}
          </div>
        </div>
      )}
      {report?.investmentCount === 0 ? (
        <Empty title="Every investment has lots">
          There is no legacy investment left to migrate in this fund.
        </Empty>
      ) : report ? (
        <Rehearsed fund={fund} report={report} migration={migration} />
      ) : (
        !failure && <Skeleton height={320} radius={10} aria-label="Working it out" />
      )}
    </div>
  );
}

interface RehearsedProps {
  readonly fund: Fund;
  readonly report: MigrationReport;
  readonly migration: ReturnType<typeof useMigration>;
}

function Rehearsed({ fund, report, migration }: RehearsedProps) {
  const { draft, problems, change, clear, rehearsal, isCurrent, apply } = migration;
  const problemCount = Object.keys(problems).length;
  return (
    <>
      <section className={card.card} aria-label="Plan">
        <p role="status" className={classes.plan} aria-busy={!isCurrent}>
          {problemCount > 0
            ? `${counted(problemCount, "field")} cannot be read; see what is said there.`
            : planText(report)}
        </p>
        <p className={classes.muted}>
          {report.reviewCount > 0 &&
            `${counted(report.reviewCount, "investment")} should be looked at first. `}
          Nothing is written until you press Apply.
        </p>
        <div className={classes.actions}>
          <Button
            disabled={!isCurrent || report.migratedCount === 0}
            loading={apply.isPending}
            onClick={() => apply.mutate()}
          >
            Apply
          </Button>
          <Button
            variant="default"
            onClick={() =>
              saveFile(
                `fund-${fund.id}-migration.csv`,
                new Blob([migrationCsv(report, fund.currency)], { type: "text/csv;charset=utf-8" }),
              )
            }
          >
            Download the report (CSV)
          </Button>
          {isTyped(draft) && (
            <Button variant="subtle" onClick={clear}>
              Clear what was typed
            </Button>
          )}
        </div>
        <Refusal error={apply.error} />
      </section>
      <ReviewList investments={report.investments} currency={fund.currency} />
      <Section
        title="Investments without a lot"
        aside="shares and price follow from the valuation and the fully diluted shares"
      >
        <MigrationRules
          investments={report.investments}
          currency={fund.currency}
          draft={draft}
          problems={problems}
          onChange={change}
        />
        <div aria-busy={rehearsal.isFetching}>
          <InvestmentsTable
            investments={report.investments}
            currency={fund.currency}
            draft={draft}
            problems={problems}
            onChange={change}
          />
        </div>
      </Section>
      <Section
        title="Legacy beside lot-level MOIC"
        aside="of what becomes lots, once the assumed marks are stored; gross"
      >
        <ComparisonTable report={report} currency={fund.currency} />
      </Section>
    </>
  );
}
