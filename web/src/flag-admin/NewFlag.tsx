import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import card from "../shell/card.module.css";
import { Refusal } from "../shell/Refusal";
import { useSessionDraft } from "../shell/session-draft";
import { type Creation, createFlag } from "./commands";
import { DefinitionFields } from "./DefinitionFields";
import {
  type DefinitionDraft,
  type DraftProblems,
  definitionOf,
  isDefinitionDraft,
  NEW_DRAFT,
  problemsByField,
} from "./definition-draft";
import { FormProblems } from "./FieldProblems";
import classes from "./form.module.css";
import { useIdempotencyKey } from "./idempotency";
import { refetchFlags } from "./queries";

interface NewFlagDraft {
  readonly key: string;
  readonly comment: string;
  readonly definition: DefinitionDraft;
}

const KEY = /^[A-Za-z0-9\-_.:/@]{1,200}$/;
const KEY_HELP = "Letters, digits and -_.:/@, at most 200. It cannot be changed later.";

function isNewFlagDraft(value: unknown): value is NewFlagDraft {
  const { key, comment, definition } = (value ?? {}) as Partial<NewFlagDraft>;
  return typeof key === "string" && typeof comment === "string" && isDefinitionDraft(definition);
}

/** The form that creates a flag. */
export function NewFlag({ waits, onClose }: { waits: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const idempotencyKey = useIdempotencyKey();
  const { draft, setDraft, discard } = useSessionDraft<NewFlagDraft>(
    "new-flag",
    () => ({ key: "", comment: "", definition: NEW_DRAFT }),
    isNewFlagDraft,
  );
  const [checked, setChecked] = useState<DraftProblems & { key?: string }>({});
  const creation = useMutation({
    mutationFn: (content: Creation) => createFlag(content, idempotencyKey(content)),
    onSuccess: async (edited) => {
      discard();
      await refetchFlags(queryClient);
      if (edited.kind === "done") {
        await navigate({ to: "/flags/$key", params: { key: edited.flag.key } });
      } else onClose();
    },
  });

  const details = creation.error instanceof RequestFailed ? creation.error.problem.details : [];
  const ofServer = problemsByField((details ?? []).filter(({ path }) => path !== "key"));
  const ofKey = checked.key ?? details?.find(({ path }) => path === "key")?.message;

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    creation.reset();
    const read = definitionOf(draft.definition, {});
    const key = draft.key.trim();
    const problems = "problems" in read ? read.problems : {};
    const found = KEY.test(key)
      ? problems
      : { ...problems, key: key === "" ? "Name the flag." : "Has other characters, or too many." };
    setChecked(found);
    if ("definition" in read && Object.keys(found).length === 0) {
      creation.mutate({ key, definition: read.definition, comment: draft.comment });
    }
  }

  return (
    <section className={card.card} aria-labelledby="new-flag">
      <header className={card.header}>
        <h2 id="new-flag" className={card.title}>
          New flag
        </h2>
      </header>
      <form className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          label="Key"
          description={KEY_HELP}
          required
          autoComplete="off"
          spellCheck={false}
          value={draft.key}
          error={ofKey}
          onChange={(event) => setDraft({ ...draft, key: event.currentTarget.value })}
        />
        <DefinitionFields
          draft={draft.definition}
          problems={{ ...ofServer, ...checked }}
          onChange={(definition) => setDraft({ ...draft, definition })}
        />
        <TextInput
          label="Comment"
          description="Why; kept in the history"
          maxLength={1000}
          value={draft.comment}
          onChange={(event) => setDraft({ ...draft, comment: event.currentTarget.value })}
        />
        <FormProblems problems={ofServer.form} />
        <Refusal error={creation.error} />
        <div className={classes.actions}>
          <Button type="submit" size="sm" loading={creation.isPending}>
            {waits ? "Ask for the flag" : "Create flag"}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="sm"
            onClick={() => {
              discard();
              onClose();
            }}
          >
            Discard
          </Button>
          {waits && <span className={classes.text}>It waits for a second person.</span>}
        </div>
      </form>
    </section>
  );
}
