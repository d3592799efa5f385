import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sessionQuery } from "../api/session";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import table from "../shell/facts-table.module.css";
import { endSession, sessionsQuery, signOutEverywhere } from "./queries";
import classes from "./SettingsPage.module.css";
import { formatInstant } from "./token-state";

const METHODS: Readonly<Record<string, string>> = {
  password: "password",
  oidc: "provider",
  link: "one-time link",
};

/** Where somebody is signed in, and the way out of there; nothing for a token. */
export function OwnSessions() {
  const session = useQuery(sessionQuery);
  return session.data?.method == null ? null : <Sessions />;
}

function Sessions() {
  const queryClient = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const ending = useMutation({
    mutationFn: endSession,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const leaving = useMutation({
    mutationFn: signOutEverywhere,
    onSuccess: () => window.location.assign("/"),
  });
  const failure = ending.error ?? leaving.error;
  return (
    <section className={`${card.card} ${classes.whole}`} aria-labelledby="sessions">
      <header className={card.header}>
        <h2 id="sessions" className={card.title}>
          Your sessions
        </h2>
      </header>
      <div className={classes.dialog}>
        {sessions.error ? (
          <Failure
            error={sessions.error}
            title="Your sessions could not be loaded"
            onRetry={() => void sessions.refetch()}
          />
        ) : sessions.data ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          <section className={table.scroller} aria-label="Sessions" tabIndex={0}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Since, UTC</th>
                  <th scope="col" data-text>
                    With
                  </th>
                  <th scope="col">Used, UTC</th>
                  <th scope="col">
                    <span className={table.hidden}>Action</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {sessions.data.map(({ id, createdAt, method, seenAt, isCurrent }) => (
                  <tr key={id}>
                    <th scope="row">{formatInstant(createdAt)}</th>
                    <td data-text>{METHODS[method] ?? method}</td>
                    <td>{formatInstant(seenAt)}</td>
                    <td>
                      {isCurrent ? (
                        "this one"
                      ) : (
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`End the session since ${formatInstant(createdAt)}`}
                          onClick={() => ending.mutate(id)}
                        >
                          End
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        ) : (
          <Skeleton height={120} radius={10} aria-label="Loading" />
        )}
        <div className={classes.actions}>
          <Button
            size="xs"
            variant="default"
            loading={leaving.isPending}
            onClick={() => leaving.mutate()}
          >
            Leave every browser
          </Button>
          {failure && (
            <span role="alert" className={classes.failure}>
              Nothing was ended: {failure.message}
            </span>
          )}
        </div>
      </div>
    </section>
  );
}
