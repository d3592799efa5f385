import { describe, expect, it } from "vitest";
import {
  carriedOver,
  definitionOf,
  draftOf,
  NEW_DRAFT,
  problemsByField,
  variantNames,
} from "./definition-draft";
import type { JsonObject } from "./wire";

const DEFINITION: JsonObject = {
  state: "ENABLED",
  variants: { on: true, off: false },
  defaultVariant: "off",
  targeting: { if: [{ in: ["@cedar.example", { var: "email" }] }, "on"] },
  metadata: { owner: "portfolio", exposure: 12.5, fallbackEndpoint: "/api/moic", beta: true },
};

describe("the draft of a definition", () => {
  it("comes back as the same definition", () => {
    expect(definitionOf(draftOf(DEFINITION), DEFINITION)).toEqual({ definition: DEFINITION });
    const bare: JsonObject = { state: "DISABLED", variants: { a: 1 }, defaultVariant: null };
    expect(definitionOf(draftOf(bare), bare)).toEqual({ definition: bare });
  });

  it("keeps members it has no field for", () => {
    const definition = { ...DEFINITION, comment: "kept" };
    expect(definitionOf(draftOf(definition), definition)).toEqual({ definition });
  });

  it("of a new flag is a yes or no that is off", () => {
    expect(definitionOf(NEW_DRAFT, {})).toEqual({
      definition: {
        state: "ENABLED",
        variants: { on: true, off: false },
        defaultVariant: "off",
        metadata: { kind: "release" },
      },
    });
    expect(variantNames(NEW_DRAFT)).toEqual(["on", "off"]);
    expect(variantNames({ ...NEW_DRAFT, variants: "{" })).toEqual([]);
  });

  it("drops a rule and a percentage that were emptied", () => {
    const draft = { ...draftOf(DEFINITION), targeting: " ", exposure: "" };
    const written = definitionOf(draft, DEFINITION);
    expect(written).toHaveProperty("definition.metadata.owner", "portfolio");
    expect(written).not.toHaveProperty("definition.targeting");
    expect(written).not.toHaveProperty("definition.metadata.exposure");
  });

  it("names what is wrong at its field before anything is sent", () => {
    const wrong = {
      ...NEW_DRAFT,
      variants: "{}",
      targeting: "[1]",
      moreMetadata: '{ "owner": "x" }',
      exposure: "100.5",
      expectedLifetimeDays: "1.5",
    };
    const checked = definitionOf(wrong, {});
    if (!("problems" in checked)) throw new Error("it is refused");
    expect(Object.keys(checked.problems).toSorted()).toEqual([
      "expectedLifetimeDays",
      "exposure",
      "moreMetadata",
      "targeting",
      "variants",
    ]);
  });

  it("refuses a number that it could not keep exactly", () => {
    const inexact = { ...NEW_DRAFT, variants: '{ "big": 9007199254740993 }' };
    expect(definitionOf(inexact, {})).toHaveProperty("problems.variants");
  });
});

it("puts the server's problems at their fields", () => {
  const at = (path: string) => ({ path, value: "1", message: "must be another" });
  const problems = problemsByField([
    at("definition.targeting.if[0].in[1]"),
    at("definition.targeting"),
    at("definition.metadata.exposure"),
    at("definition.metadata.other"),
    at("definition"),
    at("flags.other.prerequisites"),
  ]);
  expect(problems.targeting?.map(({ path }) => path)).toEqual([
    "targeting.if[0].in[1]",
    "targeting",
  ]);
  expect(problems.exposure).toHaveLength(1);
  expect(problems.moreMetadata).toHaveLength(1);
  expect(problems.form).toHaveLength(2);
});

it("carries a draft over to a newer version, and tells what both have changed", () => {
  const begunOn = draftOf(DEFINITION);
  const mine = { ...begunOn, exposure: "50", owner: "us" };
  const present = { ...begunOn, exposure: "20", state: "DISABLED" };
  const { draft, conflicts } = carriedOver(begunOn, mine, present);
  expect(conflicts).toEqual(["exposure"]);
  expect(draft).toEqual({ ...begunOn, exposure: "50", owner: "us", state: "DISABLED" });
});
