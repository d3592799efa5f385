import { expect, it } from "vitest";
import { filteredFlags } from "./flag-filter";
import type { Flag } from "./wire";

it("finds flags by key, description, owner, state, kind and findings; killed ones come first", () => {
  const flag = (key: string, over: Partial<Flag>) =>
    ({
      key,
      state: "ENABLED",
      defaultVariant: "on",
      definition: { variants: { on: true }, metadata: { description: `About ${key}` } },
      ...over,
    }) as Flag;
  const flags = [
    flag("a", { owner: "web", kind: "ops" }),
    flag("b", { killed: true, kind: "release" }),
    flag("c", { state: "DISABLED" }),
  ];
  const finding = { flag: "c", path: "flag", code: "never_evaluated", message: "" };
  const keys = (search: Parameters<typeof filteredFlags>[2]) =>
    filteredFlags(flags, [finding], search).map(({ key }) => key);
  expect(keys({})).toEqual(["b", "a", "c"]);
  expect(keys({ q: " ABOUT B " })).toEqual(["b"]);
  expect(keys({ q: "web" })).toEqual(["a"]);
  expect(keys({ state: "off" })).toEqual(["c"]);
  expect(keys({ kind: "ops" })).toEqual(["a"]);
  expect(keys({ findings: true })).toEqual(["c"]);
});
