import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Refusal } from "../shell/Refusal";
import { useSessionDraft } from "../shell/session-draft";
import { explainFlag } from "./commands";
import { readObject } from "./definition-draft";
import { Explanation } from "./Explanation";
import classes from "./form.module.css";
import type { JsonObject } from "./wire";

interface ContextDraft {
  readonly targetingKey: string;
  readonly attributes: string;
  readonly wish: string;
}

function isContextDraft(value: unknown): value is ContextDraft {
  const { targetingKey, attributes, wish } = (value ?? {}) as Partial<ContextDraft>;
  return [targetingKey, attributes, wish].every((text) => typeof text === "string");
}

const WISHES = [
  { value: "", label: "nothing" },
  { value: "0", label: "off for themselves" },
  { value: "1", label: "on for themselves" },
];

/** Asks what somebody would get of a flag, and shows why. */
export function TryContext({ flagKey, suggestion }: { flagKey: string; suggestion: string }) {
  const { draft, setDraft } = useSessionDraft<ContextDraft>(
    `context:${flagKey}`,
    () => ({ targetingKey: suggestion, attributes: "", wish: "" }),
    isContextDraft,
  );
  const [fault, setFault] = useState<string | null>(null);
  const explanation = useMutation({
    mutationFn: ({ context, wish }: { context: JsonObject; wish: 0 | 1 | null }) =>
      explainFlag(flagKey, context, wish),
  });

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const { value, fault } = readObject(draft.attributes);
    setFault(fault);
    if (fault !== null) return;
    const targetingKey = draft.targetingKey.trim();
    explanation.mutate({
      context: targetingKey === "" ? value : { ...value, targetingKey },
      wish: draft.wish === "" ? null : draft.wish === "1" ? 1 : 0,
    });
  }

  return (
    <div className={classes.form}>
      <form className={classes.form} onSubmit={submit} noValidate aria-label="Context">
        <div className={classes.columns}>
          <TextInput
            label="Targeting key"
            description="Who asks; a person is person:1"
            autoComplete="off"
            spellCheck={false}
            value={draft.targetingKey}
            onChange={(event) => setDraft({ ...draft, targetingKey: event.currentTarget.value })}
          />
          <NativeSelect
            label="They want"
            description="Their own opt-out or opt-in"
            data={WISHES}
            value={draft.wish}
            onChange={(event) => setDraft({ ...draft, wish: event.currentTarget.value })}
          />
        </div>
        <Textarea
          label="Attributes"
          description={'What the rule may ask for, as JSON: { "email": "ada@cedar.example" }'}
          classNames={{ root: classes.json ?? "" }}
          rows={4}
          spellCheck={false}
          value={draft.attributes}
          error={fault}
          onChange={(event) => setDraft({ ...draft, attributes: event.currentTarget.value })}
        />
        <div className={classes.actions}>
          <Button type="submit" size="sm" loading={explanation.isPending}>
            Explain
          </Button>
          <span className={classes.text}>By the definition that is saved.</span>
        </div>
      </form>
      <Refusal error={explanation.error} />
      {explanation.data && <Explanation explanation={explanation.data} />}
    </div>
  );
}
