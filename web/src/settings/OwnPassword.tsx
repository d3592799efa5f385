import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sessionQuery } from "../api/session";
import card from "../shell/card.module.css";
import { fieldProblems } from "./field-problems";
import { changePassword, sessionsQuery } from "./queries";
import classes from "./SettingsPage.module.css";
import { SubmissionFailure } from "./SubmissionFailure";

/** Sets or changes the password of who is signed in; nothing for a service's token. */
export function OwnPassword() {
  const queryClient = useQueryClient();
  const session = useQuery(sessionQuery);
  const [old, setOld] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: (oldPassword: string | null) => changePassword(password, oldPassword),
    onSuccess: () => {
      setOld("");
      setPassword("");
      void queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      void queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
    },
  });
  if (session.data?.method == null) return null;
  const { hasPassword, needsOldPassword: needsOld, signInName } = session.data;
  const problems = fieldProblems(change.error);

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    if (password === "") setProblem("Give a new password.");
    else change.mutate(needsOld ? old : null);
  }

  function edited(): void {
    setProblem(null);
    change.reset();
  }

  return (
    <section className={card.card} aria-labelledby="password">
      <header className={card.header}>
        <h2 id="password" className={card.title}>
          Password
        </h2>
      </header>
      <form className={classes.form} onSubmit={submit} noValidate>
        <p className={`${classes.muted} ${classes.whole}`}>
          {signInName
            ? `You sign in as ${signInName}.`
            : "To sign in with a password you also need a name for it, which an administrator gives you."}
        </p>
        {needsOld && (
          <PasswordInput
            label="Old password"
            autoComplete="current-password"
            value={old}
            error={problems.oldPassword}
            onChange={(event) => {
              setOld(event.currentTarget.value);
              edited();
            }}
          />
        )}
        <PasswordInput
          label="New password"
          description="At least 12 characters: several words that do not belong together"
          autoComplete="new-password"
          value={password}
          error={problem ?? problems.password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
            edited();
          }}
        />
        <SubmissionFailure error={change.error} fields={["oldPassword", "password"]} />
        <div className={`${classes.actions} ${classes.whole}`}>
          <Button type="submit" size="xs" variant="default" loading={change.isPending}>
            {hasPassword ? "Change password" : "Set password"}
          </Button>
          <output>{change.isSuccess && "It is set. You are signed out everywhere else."}</output>
        </div>
      </form>
    </section>
  );
}
