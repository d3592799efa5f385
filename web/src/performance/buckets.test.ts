import { expect, it } from "vitest";
import { LENS_COLUMNS, type Lens, type Lenses } from "../lenses/lens";
import { bucketsOf } from "./buckets";

const lenses = Object.fromEntries(
  LENS_COLUMNS.map(({ key }) => [key, { display: key } as Lens]),
) as Lenses;
const lens = (display: string) => ({ display }) as Lens;

it("splits the money into initial, deployed and planned, with what is expected of each", () => {
  const buckets = bucketsOf(lenses, { exit_moic_deployed_reserves: lens("deployed at exit") });
  expect(buckets.map(({ id, today, exit }) => [id, today?.display, exit?.display])).toEqual([
    ["initial", "current_moic_initial", "exit_moic_initial"],
    ["deployed", "current_moic_deployed_reserves", "deployed at exit"],
    ["planned", undefined, "exit_moic_planned_reserves"],
    ["total", "current_moic", "exit_moic"],
  ]);
});

it("has secondaries of their own only where the fund keeps them apart", () => {
  const ids = bucketsOf(lenses, { current_moic_secondary: lens("1.00x") }).map(({ id }) => id);
  expect(ids).toEqual(["initial", "deployed", "planned", "secondary", "total"]);
});
