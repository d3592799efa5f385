import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useActorName } from "../rollouts/people";
import { Failure } from "../shell/Failure";
import { Section } from "../shell/Section";
import { TableRegion } from "../shell/TableRegion";
import { relativeTime } from "../time/relative-time";
import { doneText } from "./count-words";
import { FailurePanel } from "./FailurePanel";
import classes from "./imports.module.css";
import { importsQuery } from "./queries";
import { UndoButton, useUndo } from "./UndoImport";
import type { FundImport } from "./wire";

interface Props {
  readonly fundId: number;
  /** Whether the person may take imports back. */
  readonly mayUndo: boolean;
}

/** What was imported into the fund before, the latest first. */
export function EarlierImports({ fundId, mayUndo }: Props) {
  const list = useInfiniteQuery(importsQuery(fundId));
  const imports = list.data?.pages.flatMap((page) => page.imports) ?? [];
  const now = new Date(list.dataUpdatedAt);
  return (
    <Section title="Earlier imports">
      {list.error ? (
        <Failure
          error={list.error}
          title="The earlier imports could not be loaded"
          onRetry={() => void list.refetch()}
        />
      ) : !list.data ? (
        <Skeleton height={120} radius={10} aria-label="Loading the earlier imports" />
      ) : imports.length === 0 ? (
        <p className={classes.muted}>Nothing was imported into this fund yet.</p>
      ) : (
        <div className={classes.earlier}>
          <TableRegion label="Imports of this fund">
            <thead>
              <tr>
                <th scope="col">File</th>
                <th scope="col">What it did</th>
                <th scope="col">Who</th>
                <th scope="col">When</th>
                <th scope="col" data-number>
                  Actions
                </th>
              </tr>
            </thead>
            {imports.map((one) => (
              <tbody key={one.id}>
                <Row of={one} now={now} mayUndo={mayUndo} />
              </tbody>
            ))}
          </TableRegion>
        </div>
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
    </Section>
  );
}

const COLUMNS = 5;

function Row({ of, now, mayUndo }: { of: FundImport; now: Date; mayUndo: boolean }) {
  const actorName = useActorName();
  const undo = useUndo(of);
  const { undoneAt, undoneBy } = of;
  return (
    <>
      <tr>
        <th scope="row">{of.name}</th>
        <td>{doneText(of.counts)}</td>
        <td>{actorName(of.actor)}</td>
        <td title={of.createdAt}>{relativeTime(of.createdAt, now)}</td>
        <td data-number>
          {undoneAt ? (
            <span className={classes.muted} title={undoneAt}>
              undone {relativeTime(undoneAt, now)}
              {undoneBy ? ` by ${actorName(undoneBy)}` : ""}
            </span>
          ) : (
            mayUndo && <UndoButton of={of} undo={undo} />
          )}
        </td>
      </tr>
      {undo.error && (
        <tr>
          <td colSpan={COLUMNS}>
            <FailurePanel error={undo.error} doing="undo" onRetry={() => undo.mutate()} />
          </td>
        </tr>
      )}
    </>
  );
}
