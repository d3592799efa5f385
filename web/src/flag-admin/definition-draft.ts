/** A flag's definition as the texts of a form, and back. */
import type { components } from "../api/schema";
import { jsonText } from "./json-text";
import type { Json, JsonObject } from "./wire";

export type FieldProblem = components["schemas"]["FieldProblem"];

/** Fields of the form that stand in the definition's metadata. */
const METADATA_TEXTS = ["description", "owner", "kind", "clientOverride", "prerequisites"] as const;
const METADATA_NUMBERS = ["exposure", "expectedLifetimeDays"] as const;
const METADATA_FIELDS = [...METADATA_TEXTS, ...METADATA_NUMBERS];

export const DRAFT_FIELDS = [
  ...METADATA_FIELDS,
  "state",
  "variants",
  "defaultVariant",
  "targeting",
  "moreMetadata",
] as const;
export type DraftField = (typeof DRAFT_FIELDS)[number];

/** What stands in the form's fields. */
export type DefinitionDraft = Readonly<Record<DraftField, string>>;

/** Problems by field; those of no field of the form under `form`. */
export type DraftProblems = Partial<Record<DraftField | "form", readonly FieldProblem[]>>;

/** The form of a new flag: a yes or no that is off. */
export const NEW_DRAFT: DefinitionDraft = {
  description: "",
  owner: "",
  kind: "release",
  clientOverride: "",
  prerequisites: "",
  exposure: "",
  expectedLifetimeDays: "",
  state: "ENABLED",
  variants: '{ "on": true, "off": false }',
  defaultVariant: "off",
  targeting: "",
  moreMetadata: "",
};

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pretty(value: Json | undefined): string {
  return isObject(value) && Object.keys(value).length > 0 ? jsonText(value) : "";
}

/** The texts of a definition. */
export function draftOf(definition: JsonObject): DefinitionDraft {
  const metadata = isObject(definition.metadata) ? definition.metadata : {};
  const known: readonly string[] = METADATA_FIELDS;
  const more = Object.entries(metadata).filter(([name]) => !known.includes(name));
  const text = (value: Json | undefined) =>
    typeof value === "string" ? value : value == null ? "" : JSON.stringify(value);
  const texts = Object.fromEntries(METADATA_FIELDS.map((name) => [name, text(metadata[name])]));
  return {
    ...(texts as Record<(typeof METADATA_FIELDS)[number], string>),
    state: text(definition.state),
    variants: pretty(definition.variants),
    defaultVariant: text(definition.defaultVariant),
    targeting: pretty(definition.targeting),
    moreMetadata: pretty(Object.fromEntries(more)),
  };
}

/** The names of a draft's variants, as far as they can be read. */
export function variantNames({ variants }: DefinitionDraft): readonly string[] {
  try {
    const value: Json = JSON.parse(variants);
    return isObject(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

const PERCENT = /^(100(\.0{1,2})?|\d{1,2}(\.\d{1,2})?)$/;
const DAYS = /^[1-9]\d{0,5}$/;

/** The definition that a draft stands for, on top of one whose other members are kept; or what is wrong with it. */
export function definitionOf(
  draft: DefinitionDraft,
  base: JsonObject,
): { definition: JsonObject } | { problems: DraftProblems } {
  const problems: Partial<Record<DraftField, FieldProblem[]>> = {};
  function note(field: DraftField, message: string): void {
    problems[field] = [{ path: field, value: draft[field], message }];
  }
  function object(field: "variants" | "targeting" | "moreMetadata"): JsonObject {
    const { value, fault } = readObject(draft[field]);
    if (fault !== null) note(field, fault);
    return value;
  }

  const variants = object("variants");
  const targeting = object("targeting");
  const more = object("moreMetadata");
  if (!problems.variants && Object.keys(variants).length === 0) {
    note("variants", 'Name at least one variant, such as { "on": true, "off": false }.');
  }
  if (draft.exposure.trim() !== "" && !PERCENT.test(draft.exposure.trim())) {
    note("exposure", "A percentage from 0 to 100, with at most two decimals.");
  }
  const days = draft.expectedLifetimeDays.trim();
  if (days !== "" && !DAYS.test(days)) note("expectedLifetimeDays", "A whole number of days.");
  const twice = METADATA_FIELDS.filter((name) => name in more);
  if (twice.length > 0) note("moreMetadata", `Has a field of its own: ${twice.join(", ")}.`);
  if (Object.keys(problems).length > 0) return { problems };

  const metadata: Record<string, Json> = {};
  for (const name of METADATA_TEXTS) {
    if (draft[name].trim() !== "") metadata[name] = draft[name].trim();
  }
  for (const name of METADATA_NUMBERS) {
    if (draft[name].trim() !== "") metadata[name] = Number(draft[name].trim());
  }
  Object.assign(metadata, more);
  const { metadata: _, targeting: __, ...rest } = base;
  return {
    definition: {
      ...rest,
      state: draft.state,
      variants,
      defaultVariant: draft.defaultVariant === "" ? null : draft.defaultVariant,
      ...(Object.keys(targeting).length > 0 ? { targeting } : {}),
      ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    },
  };
}

/** A text as an object of JSON, `{}` for an empty one; why it is none. */
export function readObject(text: string): { value: JsonObject; fault: string | null } {
  if (text.trim() === "") return { value: {}, fault: null };
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return { value: {}, fault: `Not JSON: ${cause instanceof Error ? cause.message : cause}` };
  }
  if (!isObject(value)) return { value: {}, fault: 'Must be an object: { "…": … }.' };
  return hasInexactNumber(value)
    ? {
        value: {},
        fault:
          "Has a whole number that a browser cannot keep exactly. Use lotwise flags set --definition.",
      }
    : { value, fault: null };
}

/** Beyond 2^53 a browser rounds whole numbers, which would change a flag silently. */
function hasInexactNumber(value: Json): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasInexactNumber);
}

/** The problems that the server names, at the fields of the form. */
export function problemsByField(details: readonly FieldProblem[]): DraftProblems {
  const problems: Partial<Record<DraftField | "form", FieldProblem[]>> = {};
  for (const problem of details) {
    const path = problem.path.replace(/^definition\.?/, "");
    const field = fieldAt(path);
    problems[field] = [...(problems[field] ?? []), { ...problem, path }];
  }
  return problems;
}

function fieldAt(path: string): DraftField | "form" {
  const [, first = "", second = ""] = /^([^.[]*)\.?([^.[]*)/.exec(path) ?? [];
  if (first === "metadata") {
    return METADATA_FIELDS.find((name) => name === second) ?? "moreMetadata";
  }
  return DRAFT_FIELDS.find((name) => name === first) ?? "form";
}

/**
 * A draft that was begun on an older version, carried over to the present one: fields that were not touched take what
 * stands there now. `conflicts` are those that both have changed; the draft's own is kept.
 */
export function carriedOver(
  begunOn: DefinitionDraft,
  draft: DefinitionDraft,
  present: DefinitionDraft,
): { draft: DefinitionDraft; conflicts: readonly DraftField[] } {
  const touched = DRAFT_FIELDS.filter((field) => draft[field] !== begunOn[field]);
  const kept = Object.fromEntries(touched.map((field) => [field, draft[field]]));
  const conflicts = touched.filter(
    (field) => present[field] !== begunOn[field] && present[field] !== draft[field],
  );
  return { draft: { ...present, ...kept }, conflicts };
}

export function isSameDraft(one: DefinitionDraft, other: DefinitionDraft): boolean {
  return DRAFT_FIELDS.every((field) => one[field] === other[field]);
}

/** Whether something, such as what a browser has kept, is a draft. */
export function isDefinitionDraft(value: unknown): value is DefinitionDraft {
  if (typeof value !== "object" || value === null) return false;
  const texts = value as Record<string, unknown>;
  return DRAFT_FIELDS.every((field) => typeof texts[field] === "string");
}
