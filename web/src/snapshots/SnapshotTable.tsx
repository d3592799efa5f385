import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { formatDate } from "../money/format";
import { AskOnce } from "../shell/AskOnce";
import { TableRegion } from "../shell/TableRegion";
import { relativeTime } from "../time/relative-time";
import { deleteSnapshot, retrySnapshot, snapshotsKey } from "./queries";
import { StatusBadge } from "./StatusBadge";
import classes from "./snapshots.module.css";
import { withCompared } from "./snapshots-search";
import { isRunning, type Snapshot } from "./wire";

const route = getRouteApi("/funds/$fundId/snapshots");

interface Props {
  readonly snapshots: readonly Snapshot[];
  readonly now: Date;
  /** Whether new calculations can be asked for. */
  readonly isFeatureOn: boolean;
}

/** The snapshots of a fund, the newest first. */
export function SnapshotTable({ snapshots, now, isFeatureOn }: Props) {
  return (
    <TableRegion label="Snapshots">
      <thead>
        <tr>
          <th scope="col">Compare</th>
          <th scope="col">Name</th>
          <th scope="col">Status</th>
          <th scope="col">As of</th>
          <th scope="col">Known at</th>
          <th scope="col">Created</th>
          <th scope="col" data-number>
            Actions
          </th>
        </tr>
      </thead>
      <tbody>
        {snapshots.map((snapshot) => (
          <Row key={snapshot.id} snapshot={snapshot} now={now} isFeatureOn={isFeatureOn} />
        ))}
      </tbody>
    </TableRegion>
  );
}

function Row({ snapshot, now, isFeatureOn }: Omit<Props, "snapshots"> & { snapshot: Snapshot }) {
  const { id, name, status } = snapshot;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const isCompared = search.a === id || search.b === id;
  const isFull = search.a !== undefined && search.b !== undefined;
  const isComplete = status === "complete";
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          className={classes.check}
          aria-label={`Compare ${name}`}
          checked={isCompared}
          disabled={!isCompared && (isFull || !isComplete)}
          onChange={() =>
            void navigate({
              search: (from) => withCompared(from, id),
              replace: true,
              resetScroll: false,
            })
          }
        />
      </td>
      <th scope="row">
        {isComplete ? (
          <button
            type="button"
            className={classes.name}
            aria-expanded={search.shown === id}
            onClick={() =>
              void navigate({
                search: ({ shown, ...rest }) => (shown === id ? rest : { ...rest, shown: id }),
                replace: true,
                resetScroll: false,
              })
            }
          >
            {name}
          </button>
        ) : (
          name
        )}
      </th>
      <td>
        <StatusBadge snapshot={snapshot} />
      </td>
      <td>{formatDate(snapshot.asOf)}</td>
      <td title={snapshot.knownAt}>{snapshot.knownAt.slice(0, 16).replace("T", " ")} UTC</td>
      <td title={snapshot.createdAt}>{relativeTime(snapshot.createdAt, now)}</td>
      <td data-number>
        <Actions snapshot={snapshot} canRetry={status === "error" && isFeatureOn} />
      </td>
    </tr>
  );
}

function Actions({ snapshot, canRetry }: { snapshot: Snapshot; canRetry: boolean }) {
  const { id, name, fundId } = snapshot;
  const queryClient = useQueryClient();
  const navigate = route.useNavigate();
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: snapshotsKey(fundId) });
  const retry = useMutation({ mutationFn: () => retrySnapshot(id), onSuccess });
  const remove = useMutation({
    mutationFn: () => deleteSnapshot(id),
    onSuccess: async () => {
      await navigate({
        search: (from) => {
          const { shown, ...rest } = from.a === id || from.b === id ? withCompared(from, id) : from;
          return shown === undefined || shown === id ? rest : { ...rest, shown };
        },
        replace: true,
        resetScroll: false,
      });
      await onSuccess();
    },
  });
  const failure = retry.error ?? remove.error;
  const running = isRunning(snapshot);
  return (
    <div className={classes.actions}>
      {failure && (
        <span role="alert" className={classes.loss}>
          {failure.message}
        </span>
      )}
      {canRetry && (
        <Button
          size="compact-xs"
          variant="subtle"
          loading={retry.isPending}
          aria-label={`Retry ${name}`}
          onClick={() => retry.mutate()}
        >
          Retry
        </Button>
      )}
      <AskOnce
        act={running ? "Cancel" : "Delete"}
        subject={name}
        question={running ? "Stop it and delete it?" : "Delete it for good?"}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </div>
  );
}
