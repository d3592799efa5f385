import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { signIn, signInAs, signInMethodsQuery } from "../api/queries";
import card from "./card.module.css";
import classes from "./SignIn.module.css";
import { notedSignInFailure } from "./sign-in-failure";

/** Asks who somebody is; shown when there is no session, and when a login link was no good. */
export function SignIn({ failure = null }: { failure?: Error | null }) {
  const methods = useQuery(signInMethodsQuery);
  const [atProvider] = useState(notedSignInFailure);
  const oidc = methods.data?.oidc ?? null;
  return (
    <main className={classes.page}>
      <title>Sign in · Lotwise</title>
      <div className={`${card.card} ${classes.form}`}>
        <img src="/favicon.svg" alt="" width="36" height="36" />
        <h1 className={classes.title}>Sign in to Lotwise</h1>
        {failure && (
          <p role="alert" className={classes.failure}>
            This link did not work: {failure.message}
          </p>
        )}
        {atProvider !== null && (
          <p role="alert" className={classes.failure}>
            {atProvider}
          </p>
        )}
        {oidc && (
          <>
            <Button component="a" href={oidc.path} variant="light">
              Continue with {oidc.label}
            </Button>
            <p className={classes.or}>or with your password</p>
          </>
        )}
        <PasswordForm />
        <LinkForm isOpen={failure !== null} />
      </div>
    </main>
  );
}

/** Carries a sign-in out, and loads the page anew as whoever it is then. */
function useSignIn(act: () => Promise<void>) {
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: React.FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await act();
      window.location.reload();
    } catch (cause) {
      setError(cause instanceof Error ? sentence(cause.message) : String(cause));
      setBusy(false);
    }
  }
  return { error, busy, submit };
}

function PasswordForm() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { error, busy, submit } = useSignIn(() => signInAs(name, password));
  return (
    <form className={classes.fields} onSubmit={(event) => void submit(event)}>
      <TextInput
        label="Name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {error !== null && (
        <p role="alert" className={classes.failure}>
          {error}
        </p>
      )}
      <Button type="submit" loading={busy} disabled={name.trim() === "" || password === ""}>
        Sign in
      </Button>
    </form>
  );
}

function LinkForm({ isOpen }: { isOpen: boolean }) {
  const [token, setToken] = useState("");
  const { error, busy, submit } = useSignIn(() => signIn(token.trim()));
  return (
    <details className={classes.link} open={isOpen}>
      <summary>First time here, or no password</summary>
      <form className={classes.fields} onSubmit={(event) => void submit(event)}>
        <p className={classes.hint}>
          Open the link that <code>lotwise demo</code> or your administrator gave you. It works
          once.
        </p>
        <PasswordInput
          label="Or paste the token of a new link"
          autoComplete="off"
          value={token}
          error={error}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={busy} disabled={token.trim() === ""}>
          Use the link
        </Button>
      </form>
    </details>
  );
}

function sentence(text: string): string {
  const whole = text.endsWith(".") ? text : `${text}.`;
  return `${whole.charAt(0).toUpperCase()}${whole.slice(1)}`;
}
