import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import control from "../shell/control.module.css";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { relativeTime } from "../time/relative-time";
import { useActorName } from "./people";
import { rolloutsQuery } from "./queries";
import classes from "./RolloutsPage.module.css";
import { StageChip } from "./StageChip";
import { isEnd } from "./stage";
import table from "./table.module.css";
import type { Rollout } from "./wire";
import { instantText, users } from "./words";

const route = getRouteApi("/rollouts");

/** Every rollout, the newest first; those that go on say what they wait for. */
export function RolloutsPage() {
  const { flag } = route.useSearch();
  const rollouts = useInfiniteQuery(rolloutsQuery(flag));
  const shown = rollouts.data?.pages.flatMap((page) => page.rollouts) ?? [];
  return (
    <>
      <title>Rollouts · Lotwise</title>
      <PageHeading title="Rollouts">
        <FlagChoice shown={shown} chosen={flag} />
        <Button
          size="sm"
          color="teal"
          renderRoot={(props) => <Link to="/rollouts/new" {...props} />}
        >
          Start a rollout
        </Button>
      </PageHeading>
      {rollouts.error ? (
        <Failure
          error={rollouts.error}
          title="The rollouts could not be loaded"
          onRetry={() => void rollouts.refetch()}
        />
      ) : !rollouts.data ? (
        <Skeleton height={280} radius={10} aria-label="Loading" />
      ) : shown.length === 0 ? (
        <Empty title={flag === undefined ? "No rollouts yet" : `No rollout of ${flag}`}>
          <Link to="/rollouts/new">Start one</Link>: it moves a flag through the phases of a policy
          and rolls back by itself.
        </Empty>
      ) : (
        <RolloutTable rollouts={shown} nowMs={rollouts.dataUpdatedAt} />
      )}
      {rollouts.hasNextPage && (
        <Button
          size="compact-sm"
          variant="default"
          mt="sm"
          loading={rollouts.isFetchingNextPage}
          onClick={() => void rollouts.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

/** Flags among the rollouts that are shown, and the one that is chosen. */
function FlagChoice({ shown, chosen }: { shown: readonly Rollout[]; chosen: string | undefined }) {
  const navigate = route.useNavigate();
  const flags = [...new Set([...shown.map(({ flag }) => flag), ...(chosen ? [chosen] : [])])];
  if (flags.length < 2 && chosen === undefined) return null;
  return (
    <label className={control.control}>
      Flag
      <select
        value={chosen ?? ""}
        onChange={(event) => {
          const flag = event.currentTarget.value;
          void navigate({ search: flag === "" ? {} : { flag }, replace: true });
        }}
      >
        <option value="">All</option>
        {flags.toSorted().map((flag) => (
          <option key={flag}>{flag}</option>
        ))}
      </select>
    </label>
  );
}

function RolloutTable({ rollouts, nowMs }: { rollouts: readonly Rollout[]; nowMs: number }) {
  const nameOf = useActorName();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={`${table.scroller} ${table.all}`} aria-label="Rollouts" tabIndex={0}>
      <table className={table.table}>
        <thead>
          <tr>
            {["Flag", "State", "Policy", "Phase"].map((heading) => (
              <th key={heading} scope="col" className={table.word}>
                {heading}
              </th>
            ))}
            <th scope="col">Exposure</th>
            <th scope="col">Since</th>
            <th scope="col" className={table.word}>
              Who
            </th>
          </tr>
        </thead>
        <tbody>
          {rollouts.map((rollout) => (
            <tr key={rollout.id} data-over={isEnd(rollout.stage) || undefined}>
              <th scope="row">
                <Link
                  to="/rollouts/$rolloutId"
                  params={{ rolloutId: rollout.id }}
                  className={classes.link}
                >
                  {rollout.flag}
                </Link>
              </th>
              <td className={table.word}>
                <StageChip rollout={rollout} />
              </td>
              <td className={table.word}>{rollout.policy}</td>
              <td className={table.word}>{phaseText(rollout)}</td>
              <td>{users(rollout.exposure)}</td>
              <td title={instantText(rollout.since)}>{relativeTime(rollout.since, nowMs)}</td>
              <td className={table.word}>{nameOf(rollout.createdBy)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** `canary, 2 of 3`: the phase and its place among those of this environment. */
function phaseText({ phase, phases }: Rollout): string {
  if (!phase) return "–";
  const place = phases.findIndex(({ name }) => name === phase) + 1;
  return place === 0 ? phase : `${phase}, ${place} of ${phases.length}`;
}
