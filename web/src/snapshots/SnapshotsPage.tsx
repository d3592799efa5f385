import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import { useLotLevelMoic } from "../flags/lot-level-moic";
import control from "../shell/control.module.css";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { FeatureOff } from "../shell/FeatureOff";
import { PageHeading } from "../shell/PageHeading";
import { Comparison } from "./Comparison";
import { NewSnapshotForm } from "./NewSnapshotForm";
import { useProgress } from "./progress";
import { snapshotsQuery } from "./queries";
import { ShownSnapshot } from "./ShownSnapshot";
import { SnapshotTable } from "./SnapshotTable";
import classes from "./snapshots.module.css";
import { isSnapshotStatus, STATUSES } from "./wire";

const route = getRouteApi("/funds/$fundId/snapshots");

/** Snapshots of a fund: order, follow, open, compare. */
export function SnapshotsPage() {
  const fundId = Number(route.useParams().fundId);
  const { status, a, b, shown } = route.useSearch();
  const funds = useQuery(fundsQuery);
  const feature = useLotLevelMoic();
  const list = useInfiniteQuery(snapshotsQuery(fundId, status));
  const snapshots = list.data?.pages.flatMap((page) => page.snapshots) ?? [];
  useProgress(fundId, snapshots);
  const fund = funds.data?.find(({ id }) => id === fundId);
  return (
    <>
      <title>Snapshots · Lotwise</title>
      <PageHeading title="Snapshots" fund={{ id: fundId, name: fund?.name }} />
      {!feature.isKnown ? (
        <Skeleton height={92} radius={10} />
      ) : feature.isOn ? (
        <NewSnapshotForm key={fundId} fundId={fundId} />
      ) : (
        <FeatureOff title="New snapshot" message="The lot-level MOIC feature is currently disabled">
          Snapshots stay listed below; their lenses return with the feature. Meanwhile the{" "}
          <Link to="/funds/$fundId" params={{ fundId: String(fundId) }}>
            portfolio shows the simple MOIC
          </Link>
          .
        </FeatureOff>
      )}
      {feature.isKnown && a !== undefined && b !== undefined && (
        <Comparison a={a} b={b} isOn={feature.isOn} fundId={fundId} />
      )}
      {feature.isKnown && shown !== undefined && fund && (
        <ShownSnapshot id={shown} isOn={feature.isOn} currency={fund.currency} />
      )}
      <StatusChoice />
      {list.error ? (
        <Failure
          error={list.error}
          title="The snapshots could not be loaded"
          onRetry={() => void list.refetch()}
        />
      ) : !list.data ? (
        <Skeleton height={240} radius={10} aria-label="Loading the snapshots" />
      ) : snapshots.length === 0 ? (
        <Empty title={status ? `No snapshot is ${status}` : "No snapshots yet"}>
          {status
            ? "Choose another status, or all."
            : "A snapshot keeps every lens of the fund as of a date. Create the first above."}
        </Empty>
      ) : (
        <SnapshotTable
          snapshots={snapshots}
          now={new Date(list.dataUpdatedAt)}
          isFeatureOn={feature.isOn}
        />
      )}
      {list.hasNextPage && (
        <Button
          className={classes.more ?? ""}
          size="xs"
          variant="light"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show older
        </Button>
      )}
    </>
  );
}

function StatusChoice() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={classes.bar}>
      <label className={control.control}>
        Status
        <select
          value={search.status ?? ""}
          onChange={(event) => {
            const status = event.currentTarget.value;
            void navigate({
              search: ({ status: _, ...rest }) =>
                isSnapshotStatus(status) ? { ...rest, status } : rest,
              replace: true,
              resetScroll: false,
            });
          }}
        >
          <option value="">All</option>
          {STATUSES.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <span className={classes.hint}>
        {search.a === undefined
          ? "Tick two complete snapshots to compare them."
          : search.b === undefined
            ? "Tick a second snapshot to compare the first with."
            : "Two snapshots are compared above."}
      </span>
    </div>
  );
}
