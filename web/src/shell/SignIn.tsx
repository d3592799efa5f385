import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { signIn } from "../api/queries";
import card from "./card.module.css";
import classes from "./SignIn.module.css";

/** Asks for a token; shown when there is no session, and when a login link was no good. */
export function SignIn({ failure = null }: { failure?: Error | null }) {
  const [token, setToken] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token.trim());
      window.location.reload();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
      setBusy(false);
    }
  }

  return (
    <main className={classes.page}>
      <title>Sign in · Lotwise</title>
      <form className={`${card.card} ${classes.form}`} onSubmit={(event) => void submit(event)}>
        <img src="/favicon.svg" alt="" width="36" height="36" />
        <h1 className={classes.title}>Sign in to Lotwise</h1>
        <p className={classes.hint}>
          Open the link that <code>lotwise demo</code> or your administrator gave you. It works
          once.
        </p>
        {failure && (
          <p role="alert" className={classes.failure}>
            This link did not work: {failure.message}
          </p>
        )}
        <PasswordInput
          label="Or paste the token of a new link"
          autoComplete="off"
          value={token}
          error={error}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} disabled={token.trim() === ""}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
