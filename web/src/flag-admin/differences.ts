import type { FlagDifference, Json, JsonObject } from "./wire";

/**
 * What is different between two values of JSON, path by path, as the server's history has it: objects by key, arrays of the
 * same length by position, anything else as a whole.
 */
export function differences(before: Json | undefined, after: Json | undefined): FlagDifference[] {
  const found: FlagDifference[] = [];
  compare("", before, after, found);
  return found;
}

function compare(
  path: string,
  before: Json | undefined,
  after: Json | undefined,
  found: FlagDifference[],
): void {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (isList(before) && isList(after) && before.length === after.length) {
    for (const [index, value] of before.entries()) {
      compare(`${path}[${index}]`, value, after[index], found);
    }
  } else if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(path === "" ? key : `${path}.${key}`, before[key], after[key], found);
    }
  } else found.push({ path, before, after });
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
