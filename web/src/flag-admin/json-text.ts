import type { Json } from "./wire";

const LINE_MAX = 72;
const INDENT = "  ";

/** JSON as a person would write it: what fits stays on its line. */
export function jsonText(value: Json, indent = ""): string {
  const line = onOneLine(value);
  if (typeof value !== "object" || value === null || indent.length + line.length <= LINE_MAX) {
    return line;
  }
  const deeper = indent + INDENT;
  const isList = Array.isArray(value);
  const members = Object.entries(value).map(
    ([key, member]: [string, Json]) =>
      `${deeper}${isList ? "" : `${JSON.stringify(key)}: `}${jsonText(member, deeper)}`,
  );
  const [opening, closing] = isList ? ["[", "]"] : ["{", "}"];
  return `${opening}\n${members.join(",\n")}\n${indent}${closing}`;
}

function onOneLine(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(", ")}]`;
  const members = Object.entries(value).map(
    ([key, member]: [string, Json]) => `${JSON.stringify(key)}: ${onOneLine(member)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
