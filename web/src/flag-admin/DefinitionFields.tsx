import { NativeSelect, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import {
  type DefinitionDraft,
  type DraftField,
  type DraftProblems,
  variantNames,
} from "./definition-draft";
import { fieldProblems } from "./FieldProblems";
import classes from "./form.module.css";

interface Props {
  readonly draft: DefinitionDraft;
  readonly problems: DraftProblems;
  readonly onChange: (draft: DefinitionDraft) => void;
}

const KINDS = ["", "release", "experiment", "ops", "permission"];
const OVERRIDES = [
  { value: "", label: "not said" },
  { value: "none", label: "none offered" },
  { value: "opt-out", label: "may leave" },
  { value: "opt-in", label: "may leave and enter" },
];

/** The fields of a flag's definition, with what is wrong with each beside it. */
export function DefinitionFields({ draft, problems, onChange }: Props) {
  function bound(field: DraftField, label: string) {
    return {
      label,
      value: draft[field],
      error: fieldProblems(field, problems[field]),
      onChange: (event: { currentTarget: { value: string } }) =>
        onChange({ ...draft, [field]: event.currentTarget.value }),
    };
  }
  const names = variantNames(draft);
  // A default that is no variant any more stays visible, so that its problem can be seen.
  const defaults = names.includes(draft.defaultVariant) ? names : [...names, draft.defaultVariant];
  return (
    <>
      <TextInput {...bound("description", "Description")} />
      <Columns>
        <NativeSelect
          {...bound("defaultVariant", "Default variant")}
          description="For everyone whom nothing else decides about"
          data={[
            ...new Map(
              [...defaults, ""].map((name) => [
                name,
                { value: name, label: name === "" ? "none: the caller's own" : name },
              ]),
            ).values(),
          ]}
        />
        <TextInput
          {...bound("exposure", "Exposure, %")}
          description="Share of users who get the variant true"
          inputMode="decimal"
          autoComplete="off"
        />
        <NativeSelect
          {...bound("state", "State")}
          description="DISABLED: the caller's own default"
          data={["ENABLED", "DISABLED"]}
        />
      </Columns>
      <Textarea
        {...bound("targeting", "Targeting rule")}
        description="JsonLogic that names a variant; empty for none"
        classNames={{ root: classes.json ?? "" }}
        rows={Math.min(14, Math.max(4, draft.targeting.split("\n").length))}
        spellCheck={false}
      />
      <Columns>
        <TextInput {...bound("owner", "Owner")} description="Team that answers for it" />
        <NativeSelect
          {...bound("kind", "Kind")}
          description="What it is for"
          data={KINDS.map((value) => ({ value, label: value === "" ? "not said" : value }))}
        />
        <TextInput
          {...bound("expectedLifetimeDays", "Lifetime, days")}
          description="After that it is up for removal"
          inputMode="numeric"
          autoComplete="off"
        />
      </Columns>
      <Columns>
        <NativeSelect
          {...bound("clientOverride", "Users themselves")}
          description="Leaving is honoured always"
          data={OVERRIDES}
        />
        <TextInput
          {...bound("prerequisites", "Prerequisites")}
          description="flag=variant, several by commas"
          autoComplete="off"
        />
      </Columns>
      <Columns>
        <Textarea
          {...bound("variants", "Variants")}
          description="The possible answers, by name"
          classNames={{ root: classes.json ?? "" }}
          rows={Math.min(10, Math.max(3, draft.variants.split("\n").length))}
          spellCheck={false}
        />
        <Textarea
          {...bound("moreMetadata", "Further metadata")}
          description="An object of JSON; empty for none"
          classNames={{ root: classes.json ?? "" }}
          rows={Math.min(10, Math.max(3, draft.moreMetadata.split("\n").length))}
          spellCheck={false}
        />
      </Columns>
    </>
  );
}

function Columns({ children }: { children: ReactNode }) {
  return <div className={classes.columns}>{children}</div>;
}
