import { Button, Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { newSubmissionKey } from "../api/submission-key";
import type { Fund } from "../api/wire";
import card from "../shell/card.module.css";
import { useSessionDraft } from "../shell/session-draft";
import { fieldProblems } from "./field-problems";
import { createToken, tokensQuery } from "./queries";
import { ROLES, whatRoleMay } from "./roles";
import classes from "./SettingsPage.module.css";
import { SubmissionFailure } from "./SubmissionFailure";
import { TokenSecret } from "./TokenSecret";
import {
  EXPIRIES,
  type Expiry,
  isTokenFields,
  NO_TOKEN,
  type TokenFields,
  type TokenProblems,
  tokenOf,
} from "./token-form";
import type { NewToken, Person, Token } from "./wire";

interface Props {
  readonly people: readonly Person[];
  readonly funds: readonly Fund[];
  /** The person it is for, where the address says so. */
  readonly forPerson: number | undefined;
}

interface Submission {
  readonly token: NewToken;
  readonly key: string;
}

/** Creates a token, and shows its secret once. */
export function NewTokenForm({ people, funds, forPerson }: Props) {
  const queryClient = useQueryClient();
  const { draft, setDraft, discard } = useSessionDraft(
    forPerson === undefined ? "token" : `token of person ${forPerson}`,
    (): TokenFields => ({ ...NO_TOKEN, person: forPerson === undefined ? "" : String(forPerson) }),
    isTokenFields,
  );
  const [found, setFound] = useState<TokenProblems>({});
  const [created, setCreated] = useState<Token | null>(null);
  // Another try of the same form sends the very same, so that it cannot create a second token.
  const last = useRef<{ fields: TokenFields; submission: Submission } | null>(null);
  const creation = useMutation({
    mutationFn: ({ token, key }: Submission) => createToken(token, key),
    onSuccess: (token) => {
      setCreated(token);
      discard();
      last.current = null;
      void queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
  const problems: TokenProblems = { ...fieldProblems(creation.error), ...found };

  function change(fields: Partial<TokenFields>): void {
    setDraft({ ...draft, ...fields });
    setFound({});
    creation.reset();
  }

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    if (last.current?.fields === draft) {
      creation.mutate(last.current.submission);
      return;
    }
    const checked = tokenOf(draft, new Date());
    if ("problems" in checked) {
      setFound(checked.problems);
      return;
    }
    const submission = { token: checked.token, key: newSubmissionKey() };
    last.current = { fields: draft, submission };
    creation.mutate(submission);
  }

  return (
    <section className={card.card} aria-labelledby="new-token">
      <header className={card.header}>
        <h2 id="new-token" className={card.title}>
          New token
        </h2>
      </header>
      {created ? (
        <TokenSecret token={created} onDone={() => setCreated(null)} />
      ) : (
        <form className={classes.form} onSubmit={submit} noValidate>
          <TextInput
            label="Name"
            description="What it is for"
            value={draft.name}
            error={problems.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <NativeSelect
            label="Role"
            description={whatRoleMay(draft.role)}
            value={draft.role}
            error={problems.role}
            data={ROLES.map(({ name }) => name)}
            onChange={(event) => change({ role: event.currentTarget.value })}
          />
          <NativeSelect
            label="Belongs to"
            description="A person's token acts as that person"
            value={draft.person}
            error={problems.personId}
            data={[
              { value: "", label: "A service" },
              ...people.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
            onChange={(event) => change({ person: event.currentTarget.value })}
          />
          <NativeSelect
            label="Expires"
            description="Refused from then on"
            value={draft.expiry}
            error={draft.expiry === "date" ? undefined : problems.expiresAt}
            data={[...EXPIRIES]}
            onChange={(event) => change({ expiry: event.currentTarget.value as Expiry })}
          />
          {draft.expiry === "date" && (
            <TextInput
              type="date"
              label="Last day"
              description="To its end, in UTC"
              value={draft.date}
              error={problems.expiresAt}
              onChange={(event) => change({ date: event.currentTarget.value })}
            />
          )}
          <div className={classes.whole}>
            <FundsChoice draft={draft} funds={funds} problem={problems.fundIds} change={change} />
          </div>
          <SubmissionFailure
            error={creation.error}
            fields={["name", "role", "personId", "fundIds", "expiresAt"]}
          />
          <div className={`${classes.actions} ${classes.whole}`}>
            <Button type="submit" size="sm" loading={creation.isPending}>
              Create token
            </Button>
          </div>
        </form>
      )}
    </section>
  );
}

interface FundsProps {
  readonly draft: TokenFields;
  readonly funds: readonly Fund[];
  readonly problem: string | undefined;
  readonly change: (fields: Partial<TokenFields>) => void;
}

function FundsChoice({ draft, funds, problem, change }: FundsProps) {
  return (
    <>
      <Radio.Group
        label="Funds"
        value={draft.funds === null ? "all" : "some"}
        onChange={(value) => change({ funds: value === "all" ? null : [] })}
      >
        <div className={classes.radios}>
          <Radio size="xs" value="all" label="All, those to come as well" />
          <Radio size="xs" value="some" label="Only these" />
        </div>
      </Radio.Group>
      {draft.funds !== null && (
        <Checkbox.Group
          aria-label="Funds it may see"
          error={problem}
          value={draft.funds.map(String)}
          onChange={(values) => change({ funds: values.map(Number) })}
        >
          <div className={classes.radios}>
            {funds.map(({ id, name }) => (
              <Checkbox key={id} size="xs" value={String(id)} label={name} />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </>
  );
}
