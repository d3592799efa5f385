import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { newSubmissionKey } from "../api/submission-key";
import card from "../shell/card.module.css";
import { fieldProblems } from "./field-problems";
import { enterPerson, peopleQuery } from "./queries";
import classes from "./SettingsPage.module.css";
import { SubmissionFailure } from "./SubmissionFailure";

/** Enters a person, who can then be given a token or a login link. */
export function NewPersonForm() {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const submissionKey = useRef(newSubmissionKey());
  const entry = useMutation({
    mutationFn: (name: string) => enterPerson(name, submissionKey.current),
    onSuccess: () => {
      setName("");
      submissionKey.current = newSubmissionKey();
      void queryClient.invalidateQueries({ queryKey: peopleQuery.queryKey });
    },
  });

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    if (name.trim() === "") setProblem("Give the person's name.");
    else entry.mutate(name.trim());
  }

  return (
    <section className={card.card} aria-labelledby="new-person">
      <header className={card.header}>
        <h2 id="new-person" className={card.title}>
          New person
        </h2>
      </header>
      <form className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          label="Name"
          autoComplete="off"
          value={name}
          error={problem ?? fieldProblems(entry.error).name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
            entry.reset();
            // Another name is another person.
            submissionKey.current = newSubmissionKey();
          }}
        />
        <SubmissionFailure error={entry.error} fields={["name"]} />
        <div className={`${classes.actions} ${classes.whole}`}>
          <Button type="submit" size="sm" loading={entry.isPending}>
            Enter person
          </Button>
          <output>
            {entry.data && (
              <>
                {entry.data.name} is entered.{" "}
                <Link to="/settings" search={{ tab: "tokens", person: entry.data.id }}>
                  Create a token
                </Link>
              </>
            )}
          </output>
        </div>
        <p className={`${classes.muted} ${classes.whole}`}>
          Give them a role and a one-time link below, and they set their own password. Tokens have
          roles of their own.
        </p>
      </form>
    </section>
  );
}
