import { Button, CopyButton, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { RequestFailed } from "../api/problem";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { Refusal } from "../shell/Refusal";
import { RelativeTime } from "../time/RelativeTime";
import { daysFrom } from "../time/relative-time";
import { createInvitation, type NewInvitation, revokeInvitation } from "./commands";
import { metadataText } from "./flag-state";
import classes from "./form.module.css";
import list from "./Invitations.module.css";
import { newIdempotencyKey } from "./idempotency";
import { invitationsQuery } from "./queries";
import type { Flag, Invitation } from "./wire";

const WHOLE = /^[1-9]\d{0,6}$/;

/** Links that make whoever follows them an early adopter of a flag. */
export function Invitations({ flag, readOnly }: { flag: Flag; readOnly: string | null }) {
  const invitations = useQuery(invitationsQuery(flag.key));
  return (
    <section className={card.card} aria-labelledby="invitations">
      <header className={card.header}>
        <h2 id="invitations" className={card.title}>
          Invitations
        </h2>
        <span className={card.aside}>whoever follows one may turn the flag on for themselves</span>
      </header>
      <div className={classes.form}>
        {metadataText(flag, "clientOverride") !== "opt-in" && (
          <p className={classes.warning}>
            Nobody may enter by themselves now: set “Users themselves” of the definition to “may
            leave and enter”, or a followed invitation changes nothing here.
          </p>
        )}
        {readOnly === null && <Invite flagKey={flag.key} />}
        {invitations.error ? (
          <Failure
            error={invitations.error}
            title="The invitations could not be loaded"
            onRetry={() => void invitations.refetch()}
          />
        ) : invitations.data === undefined ? (
          <Skeleton height={80} radius={8} />
        ) : invitations.data.length === 0 ? (
          <p className={classes.text}>Nobody is invited yet.</p>
        ) : (
          <ul className={list.invitations} aria-label="Invitations">
            {invitations.data.map((invitation) => (
              <Row key={invitation.id} invitation={invitation} />
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

interface Attempt {
  readonly asked: string;
  readonly invitation: NewInvitation;
  readonly key: string;
}

function Invite({ flagKey }: { flagKey: string }) {
  const queryClient = useQueryClient();
  // One that was sent and not answered is sent again as it was: otherwise it could be created twice.
  const attempt = useRef<Attempt | null>(null);
  const [days, setDays] = useState("14");
  const [uses, setUses] = useState("1");
  const [faults, setFaults] = useState<{ days?: string; uses?: string }>({});
  const creation = useMutation({
    mutationFn: ({ invitation, key }: Attempt) => createInvitation(flagKey, invitation, key),
    onSuccess: () => {
      attempt.current = null;
      return queryClient.invalidateQueries({ queryKey: invitationsQuery(flagKey).queryKey });
    },
  });
  const details = creation.error instanceof RequestFailed ? creation.error.problem.details : [];
  const at = (field: string) => details?.find(({ path }) => path === field)?.message;

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const found = {
      ...(WHOLE.test(days.trim()) ? {} : { days: "A whole number of days, from 1." }),
      ...(WHOLE.test(uses.trim()) ? {} : { uses: "A whole number of people, from 1." }),
    };
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    const asked = `${days} ${uses}`;
    if (attempt.current?.asked !== asked) {
      const expiresAt = daysFrom(new Date(), Number(days));
      const invitation = { expiresAt, maxUses: Number(uses) };
      attempt.current = { asked, invitation, key: newIdempotencyKey() };
    }
    creation.mutate(attempt.current);
  }

  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="New invitation">
      <div className={classes.columns}>
        <TextInput
          label="Good for, days"
          inputMode="numeric"
          autoComplete="off"
          value={days}
          error={faults.days ?? at("expiresAt")}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <TextInput
          label="For how many people"
          inputMode="numeric"
          autoComplete="off"
          value={uses}
          error={faults.uses ?? at("maxUses")}
          onChange={(event) => setUses(event.currentTarget.value)}
        />
      </div>
      <Refusal error={creation.error} />
      <div className={classes.actions}>
        <Button type="submit" size="sm" loading={creation.isPending}>
          Create invitation
        </Button>
      </div>
    </form>
  );
}

const STATUS: Readonly<Record<string, string>> = { used_up: "used up" };

function Row({ invitation }: { invitation: Invitation }) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const { id, flagKey, url, status, uses, maxUses, expiresAt, createdBy, createdAt } = invitation;
  const revocation = useMutation({
    mutationFn: () => revokeInvitation(flagKey, id),
    onSuccess: () =>
      queryClient.invalidateQueries({ queryKey: invitationsQuery(flagKey).queryKey }),
  });
  const link = new URL(url, window.location.origin).href;
  return (
    <li>
      <div className={list.facts}>
        <strong data-open={status === "open" || undefined}>{STATUS[status] ?? status}</strong>
        <span>
          {uses} of {maxUses} used
        </span>
        <span>
          {status === "expired" ? "expired" : "expires"} <RelativeTime at={expiresAt} />
        </span>
        <span>
          by {createdBy}, <RelativeTime at={createdAt} />
        </span>
      </div>
      {status === "open" && (
        <>
          <input className={list.link} readOnly value={link} aria-label="Link of the invitation" />
          <div className={classes.actions}>
            <CopyButton value={link}>
              {({ copied, copy }) => (
                <Button size="compact-sm" variant="default" onClick={copy}>
                  {copied ? "Copied" : "Copy link"}
                </Button>
              )}
            </CopyButton>
            {asking ? (
              <>
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={revocation.isPending}
                  onClick={() => revocation.mutate()}
                >
                  Yes, revoke it
                </Button>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  onClick={() => setAsking(false)}
                >
                  Keep it
                </Button>
                <span className={classes.text}>Those who followed it stay early adopters.</span>
              </>
            ) : (
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                onClick={() => setAsking(true)}
              >
                Revoke
              </Button>
            )}
          </div>
          <Refusal error={revocation.error} />
        </>
      )}
    </li>
  );
}
