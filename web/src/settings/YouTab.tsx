import { Button, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { fundsQuery } from "../api/queries";
import { sessionQuery } from "../api/session";
import type { Fund } from "../api/wire";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { Appearance } from "./Appearance";
import { FlagWishes } from "./FlagWishes";
import { OwnPassword } from "./OwnPassword";
import { OwnSessions } from "./OwnSessions";
import { signOut } from "./queries";
import { whatRoleMay } from "./roles";
import classes from "./SettingsPage.module.css";

/** Who is signed in, and what they chose for themselves. */
export function YouTab() {
  return (
    <div className={classes.columns}>
      <SignedIn />
      <FlagWishes />
      <OwnPassword />
      <Appearance />
      <OwnSessions />
    </div>
  );
}

function SignedIn() {
  const session = useQuery(sessionQuery);
  const funds = useQuery(fundsQuery);
  const leaving = useMutation({
    mutationFn: signOut,
    // Everything that was loaded belongs to who was signed in.
    onSuccess: () => window.location.assign("/"),
  });
  if (session.error) {
    return (
      <Failure
        error={session.error}
        title="Your session could not be loaded"
        onRetry={() => void session.refetch()}
      />
    );
  }
  if (!session.data) return <Skeleton height={260} radius={10} aria-label="Loading" />;
  const { name, key, role, fundIds, environment, fourEyes } = session.data;
  return (
    <section className={card.card} aria-labelledby="signed-in">
      <header className={card.header}>
        <h2 id="signed-in" className={card.title}>
          Signed in
        </h2>
      </header>
      <dl className={classes.facts}>
        <dt>Name</dt>
        <dd>{name ?? "A service"}</dd>
        <dt>Key</dt>
        <dd>
          <code>{key}</code>
        </dd>
        <dt>Role</dt>
        <dd>
          {role}
          <div className={classes.muted}>{whatRoleMay(role)}</div>
        </dd>
        <dt>Funds</dt>
        <dd>{fundIds ? fundNames(fundIds, funds.data ?? []) : "All"}</dd>
        <dt>Environment</dt>
        <dd>{environment}</dd>
        <dt>Changes of flags</dt>
        <dd>{fourEyes ? "wait for a second person" : "take effect at once"}</dd>
      </dl>
      <div className={classes.actions}>
        <Button
          size="xs"
          variant="default"
          loading={leaving.isPending}
          onClick={() => leaving.mutate()}
        >
          Sign out
        </Button>
        {leaving.error && (
          <span role="alert" className={classes.failure}>
            You are still signed in: {leaving.error.message}
          </span>
        )}
      </div>
    </section>
  );
}

/** The names of funds; the id of one whose name is not known. */
export function fundNames(ids: readonly number[], funds: readonly Fund[]): string {
  return ids.map((id) => funds.find((fund) => fund.id === id)?.name ?? `fund ${id}`).join(", ");
}
