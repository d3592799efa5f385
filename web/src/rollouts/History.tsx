import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Failure } from "../shell/Failure";
import { auditText, resultText } from "./audit-words";
import classes from "./Details.module.css";
import { useActorName } from "./people";
import { historyQuery, verificationQuery } from "./queries";
import table from "./table.module.css";
import type { Rollout } from "./wire";
import { instantText } from "./words";

const HASH_LENGTH_SHOWN = 12;

/** Everything that was done to a rollout, the oldest first, and whether the log is as it was written. */
export function History({ rollout }: { rollout: Rollout }) {
  const history = useInfiniteQuery(historyQuery(rollout.id, rollout.version));
  const nameOf = useActorName();
  if (history.error)
    return (
      <Failure
        error={history.error}
        title="The history could not be loaded"
        onRetry={() => void history.refetch()}
      />
    );
  if (!history.data) return <Skeleton height={200} radius={8} aria-label="Loading" />;
  return (
    <>
      <VerificationState rollout={rollout} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={table.scroller} tabIndex={0} aria-label="History">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col" className={table.word}>
                Who
              </th>
              <th scope="col" className={table.word}>
                What
              </th>
              <th scope="col" className={table.word}>
                Then
              </th>
              <th scope="col">Entry</th>
            </tr>
          </thead>
          <tbody>
            {history.data.pages
              .flatMap(({ audit }) => audit)
              .map((entry) => (
                <tr key={entry.sequence}>
                  <th scope="row">{instantText(entry.at)}</th>
                  <td className={table.word}>{nameOf(entry.actor)}</td>
                  <td className={table.prose}>{auditText(entry)}</td>
                  <td className={table.word}>{resultText(entry)}</td>
                  <td title={entry.hash}>
                    {entry.sequence}{" "}
                    <code className={classes.hash}>{entry.hash.slice(0, HASH_LENGTH_SHOWN)}</code>
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </section>
      {history.hasNextPage && (
        <Button
          size="compact-sm"
          variant="default"
          mt="sm"
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

function VerificationState({ rollout }: { rollout: Rollout }) {
  const verification = useQuery(verificationQuery(rollout.id, rollout.version));
  if (verification.error)
    return (
      <Failure
        error={verification.error}
        title="The log could not be verified"
        onRetry={() => void verification.refetch()}
      />
    );
  if (!verification.data) return <p className={classes.verified}>Verifying the log…</p>;
  const { log, replay } = verification.data;
  const changed = replay.records.filter(({ isSame }) => !isSame).map(({ sequence }) => sequence);
  return (
    <p className={classes.verified}>
      <span data-good={log.isIntact}>
        {log.isIntact
          ? "Verified: every entry has its hash and that of the one before."
          : `The audit log was changed: entry ${log.firstBroken} does not have its hash.`}
      </span>
      <span data-good={replay.isSame}>
        {replay.isSame
          ? `All ${replay.records.length} steps come out the same when they are made again.`
          : `Steps that come out differently now: ${changed.join(", ")}.`}
      </span>
    </p>
  );
}
