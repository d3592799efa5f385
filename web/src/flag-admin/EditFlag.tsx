import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { Refusal } from "../shell/Refusal";
import { useSessionDraft } from "../shell/session-draft";
import { changeFlag, type Edited } from "./commands";
import { DefinitionFields } from "./DefinitionFields";
import {
  carriedOver,
  type DefinitionDraft,
  type DraftField,
  type DraftProblems,
  definitionOf,
  draftOf,
  isDefinitionDraft,
  isSameDraft,
  problemsByField,
} from "./definition-draft";
import { FormProblems } from "./FieldProblems";
import classes from "./form.module.css";
import { refetchFlags } from "./queries";
import type { Flag, JsonObject } from "./wire";

interface Edit {
  /** The version that the form was filled with. */
  readonly version: number;
  readonly begunOn: DefinitionDraft;
  readonly draft: DefinitionDraft;
  readonly comment: string;
}

function begin(flag: Flag): Edit {
  const begunOn = draftOf(flag.definition);
  return { version: flag.version, begunOn, draft: begunOn, comment: "" };
}

function isEdit(value: unknown): value is Edit {
  const { version, begunOn, draft, comment } = (value ?? {}) as Partial<Edit>;
  return (
    typeof version === "number" &&
    typeof comment === "string" &&
    isDefinitionDraft(begunOn) &&
    isDefinitionDraft(draft)
  );
}

interface Props {
  readonly flag: Flag;
  /** Why the caller may only look; null for one who may change it. */
  readonly readOnly: string | null;
  /** Whether a change waits for a second person. */
  readonly waits: boolean;
}

/** The form of a flag's definition. */
export function EditFlag({ flag, readOnly, waits }: Props) {
  const queryClient = useQueryClient();
  const kept = useSessionDraft<Edit>(`flag:${flag.key}`, () => begin(flag), isEdit);
  const [checked, setChecked] = useState<DraftProblems>({});
  const change = useMutation({
    mutationFn: ({ edit, definition }: { edit: Edit; definition: JsonObject }) =>
      changeFlag({
        key: flag.key,
        version: edit.version,
        definition,
        comment: edit.comment,
      }),
    onSuccess: () => kept.discard(),
    onSettled: () => refetchFlags(queryClient),
  });

  const isTouched = !isSameDraft(kept.draft.draft, kept.draft.begunOn);
  // What nobody has touched follows the flag.
  const edit = isTouched ? kept.draft : { ...begin(flag), comment: kept.draft.comment };
  const details = change.error instanceof RequestFailed ? change.error.problem.details : [];
  const ofServer = problemsByField(details ?? []);

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    change.reset();
    const read = definitionOf(edit.draft, flag.definition);
    setChecked("problems" in read ? read.problems : {});
    if ("definition" in read) change.mutate({ edit, definition: read.definition });
  }

  function discard(): void {
    change.reset();
    setChecked({});
    kept.discard();
  }

  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="Definition">
      {readOnly !== null && <p className={classes.warning}>{readOnly}</p>}
      {isTouched && edit.version !== flag.version && (
        <Moved
          flag={flag}
          edit={edit}
          onCarryOver={(moved) => {
            change.reset();
            kept.setDraft(moved);
          }}
        />
      )}
      <fieldset className={`${classes.fields} ${classes.form}`} disabled={readOnly !== null}>
        <DefinitionFields
          draft={edit.draft}
          problems={{ ...ofServer, ...checked }}
          onChange={(draft) => kept.setDraft({ ...edit, draft })}
        />
        <TextInput
          label="Comment"
          description="Why; kept in the history"
          maxLength={1000}
          value={edit.comment}
          onChange={(event) => kept.setDraft({ ...edit, comment: event.currentTarget.value })}
        />
      </fieldset>
      <FormProblems problems={ofServer.form} />
      <Refusal error={change.error} />
      {readOnly === null && (
        <div className={classes.actions}>
          <Button type="submit" size="sm" loading={change.isPending} disabled={!isTouched}>
            {waits ? "Ask for approval" : "Save"}
          </Button>
          {isTouched && (
            <Button variant="subtle" color="gray" size="sm" onClick={discard}>
              Discard
            </Button>
          )}
          <span role="status" className={classes.done}>
            {!isTouched && change.data && outcome(change.data)}
          </span>
        </div>
      )}
    </form>
  );
}

function outcome(edited: Edited): string {
  return edited.kind === "done"
    ? `Saved as version ${edited.flag.version}.`
    : "Asked for: it waits for a second person.";
}

interface MovedProps {
  readonly flag: Flag;
  readonly edit: Edit;
  readonly onCarryOver: (edit: Edit) => void;
}

/** Somebody else changed the flag while this form was filled in: what was typed is kept, and can be carried over. */
function Moved({ flag, edit, onCarryOver }: MovedProps) {
  const present = draftOf(flag.definition);
  const { draft, conflicts } = carriedOver(edit.begunOn, edit.draft, present);
  return (
    <div role="alert" className={classes.warning}>
      <p>
        {flag.updatedBy ?? "Somebody"} changed this flag meanwhile: it is at version {flag.version},
        and you began with {edit.version}. What you typed is kept.
        {conflicts.length > 0 &&
          ` You have both changed ${conflicts.map((field) => LABELS[field] ?? field).join(", ")}; yours would win.`}
      </p>
      <Button
        size="compact-sm"
        variant="default"
        mt={8}
        onClick={() => onCarryOver({ ...edit, version: flag.version, begunOn: present, draft })}
      >
        Carry my changes over to version {flag.version}
      </Button>
    </div>
  );
}

const LABELS: Partial<Record<DraftField, string>> = {
  defaultVariant: "the default variant",
  targeting: "the targeting rule",
  moreMetadata: "further metadata",
  expectedLifetimeDays: "the lifetime",
  clientOverride: "what users may do",
};
