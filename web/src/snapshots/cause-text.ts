import type { Cause } from "./wire";

/** An id is a long word: its end tells lots of one company apart. */
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{4}([0-9a-f]{8})/g;

const OUTSIDE: Readonly<Record<string, string>> = {
  as_of: "Date",
  policy: "Policy of the fund",
  engine: "Engine",
};

/** Why a lens differs, in words. */
export function causeText({ kind, change, subject }: Cause): string {
  const shown = subject.replace(ID, "…$1");
  const outside = OUTSIDE[kind];
  if (outside !== undefined) return `${outside}: ${shown}`;
  if (kind === "exit_cases") return `Exit cases ${change}`;
  // An event's subject begins with its type, which for a mark is its kind again.
  const rest = shown.startsWith(`${kind} `) ? shown.slice(kind.length + 1) : shown;
  const word = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
  return `${word} ${change}: ${rest.replaceAll("_", " ")}`;
}
