import type { Lens, LensKey } from "./lens";

const NO_LOTS: Partial<Record<LensKey, string>> = {
  current_moic: "No lots yet.",
  current_moic_initial: "No initial lots.",
  current_moic_deployed_reserves: "No follow-ons deployed yet.",
  exit_moic: "No lots yet and none planned.",
  exit_moic_initial: "No initial lots.",
  exit_moic_follow_ons: "No follow-ons deployed and none planned.",
};

const LEGACY: Readonly<Record<string, string>> = {
  no_investments: "No investments recorded.",
  unvalued: "A valuation or an ownership is not recorded.",
  zero_cost: "Nothing was paid, so there is no multiple.",
};

const FLAGS: Readonly<Record<string, string>> = {
  at_cost: "Unconverted SAFEs or notes are held at cost.",
  allocation_derived: "Which lots were sold follows from the relief method.",
};

function lotCount(lens: Lens): string {
  const count = lens.lots.length;
  if (count === 0) return "";
  return count === 1 ? " (1 lot)" : ` (${count} lots)`;
}

/** Why a lens has no number, as a sentence; null when it has one. */
export function reasonText(key: LensKey, lens: Lens): string | null {
  switch (lens.reason) {
    case null:
      return null;
    case "no_lots":
      return NO_LOTS[key] ?? "No lots.";
    case "zero_cost":
      return "Its lots cost nothing, so there is no multiple. Their value still counts in the totals.";
    case "unpriced":
      return `Shares are held that have no mark${lotCount(lens)}.`;
    case "no_exit_case":
      return "No exit case entered.";
    case "exit_unpriced":
      return `An exit case has no price for what is held or planned${lotCount(lens)}.`;
    case "no_planned_reserves":
      return "No reserves planned.";
    default:
      return asSentence(lens.reason);
  }
}

/** Why the simple MOIC has no number, as a sentence. */
export function legacyReasonText(reason: string | null | undefined): string {
  if (!reason) return "No reason given.";
  return LEGACY[reason] ?? asSentence(reason);
}

/** What to know about how a number came about, one sentence for each flag. */
export function flagTexts(lens: Lens): readonly string[] {
  return lens.flags.map((flag) => FLAGS[flag] ?? asSentence(flag));
}

/** A newer server's code is still readable: `some_code` becomes `Some code.` */
function asSentence(code: string): string {
  const words = code.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
