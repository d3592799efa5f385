import type { components } from "../api/schema";
import type { Ranked, Ranking } from "./ranking";

type WireChange = components["schemas"]["PlanChange"];

/** What can be other than planned, in whole percent of the plan; the probability in percent itself. */
export interface Sliders {
  readonly amount?: number;
  readonly exit?: number;
  readonly deploy?: number;
}
export type SliderName = keyof Sliders;

/** By whom it is about: all companies, one (`"7"`), or one of its planned reserves (`"7/seed-2"`). */
export type WhatIf = Readonly<Record<string, Sliders>>;

export const EVERYBODY = "all";
export const AS_PLANNED_PERCENT = 100;
export const FACTOR_PERCENT_MAX = 300;
/** Most changes that the server takes at once; "all" is one for each company with planned reserves. */
export const CHANGES_MAX = 1000;

const LARGEST: Readonly<Record<SliderName, number>> = {
  amount: FACTOR_PERCENT_MAX,
  exit: FACTOR_PERCENT_MAX,
  deploy: 100,
};

/** Reads sliders from the address; what makes no sense is dropped. */
export function whatIfOf(value: unknown): WhatIf {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).flatMap(([target, sliders]) => {
    const read = slidersOf(sliders);
    return Object.keys(read).length > 0 ? [[target, read] as const] : [];
  });
  return Object.fromEntries(entries);
}

function slidersOf(value: unknown): Sliders {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).filter(
    ([name, percent]) =>
      name in LARGEST &&
      Number.isInteger(percent) &&
      percent >= 0 &&
      percent <= LARGEST[name as SliderName],
  );
  return Object.fromEntries(entries);
}

/** The same sliders with one of them elsewhere; without a position it is as planned. */
export function moved(
  whatIf: WhatIf,
  target: string,
  name: SliderName,
  percent: number | undefined,
): WhatIf {
  const { [name]: _, ...rest } = whatIf[target] ?? {};
  const sliders: Sliders = percent === undefined ? rest : { ...rest, [name]: percent };
  const { [target]: __, ...others } = whatIf;
  return Object.keys(sliders).length === 0 ? others : { ...others, [target]: sliders };
}

/** What the server is asked: every planned company for "all", its own sliders over those. Unknown ones are left out. */
export function changesOf(whatIf: WhatIf, companies: readonly Ranked[]): WireChange[] {
  const everybody = whatIf[EVERYBODY] ?? {};
  return companies
    .filter(({ reserves }) => reserves.length > 0)
    .flatMap((company) => {
      const ofCompany = { ...everybody, ...whatIf[company.id] };
      const ofReserves = company.reserves.map((reserveId) => {
        const { exit: _, ...own } = whatIf[`${company.id}/${reserveId}`] ?? {};
        return { sliders: own, reserveId };
      });
      return [{ sliders: ofCompany }, ...ofReserves]
        .filter(({ sliders }) => Object.keys(sliders).length > 0)
        .map(({ sliders, ...target }) => ({
          companyId: Number(company.id),
          ...target,
          ...wire(sliders),
        }));
    });
}

/** Why the server is not asked, where there is more to change than it takes at once. */
export function excessText(changes: number): string | null {
  if (changes <= CHANGES_MAX) return null;
  const [asked, most] = [changes, CHANGES_MAX].map((count) => count.toLocaleString("en-US"));
  return `The sliders change ${asked} companies and reserves, and at most ${most} are computed at once. Reset to the plan, then move the sliders of single companies.`;
}

function wire({ amount, exit, deploy }: Sliders) {
  return {
    ...(amount === undefined ? {} : { amountFactor: partOfOne(amount) }),
    ...(exit === undefined ? {} : { exitPriceFactor: partOfOne(exit) }),
    ...(deploy === undefined ? {} : { deployProbability: partOfOne(deploy) }),
  };
}

/** Whole percent as an exact decimal: 125 is `"1.25"`. */
export function partOfOne(percent: number): string {
  return `${Math.trunc(percent / 100)}.${String(percent % 100).padStart(2, "0")}`;
}

/** A company before and after. */
export interface Difference {
  readonly before: Ranked;
  readonly after: Ranked;
}

/** The companies whose rank or planned figures are others, in the order they then have. */
export function differences(before: Ranking, after: Ranking): Difference[] {
  const known = new Map(before.companies.map((company) => [company.id, company]));
  return after.companies.flatMap((company) => {
    const earlier = known.get(company.id);
    return earlier === undefined || isSame(earlier, company)
      ? []
      : [{ before: earlier, after: company }];
  });
}

function isSame(a: Ranked, b: Ranked): boolean {
  const figures = ({ rank, planned }: Ranked) =>
    JSON.stringify([rank, planned.numeratorCents, planned.denominatorCents, planned.reason]);
  return figures(a) === figures(b);
}
