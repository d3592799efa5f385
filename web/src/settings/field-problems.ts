import { RequestFailed } from "../api/problem";

/** What the server says about each field, by the field's name: that of `fundIds[0]` stands at `fundIds`. */
export function fieldProblems(error: Error | null): Readonly<Record<string, string>> {
  if (!(error instanceof RequestFailed)) return {};
  const found: Record<string, string> = {};
  for (const { path, value, message } of error.problem.details ?? []) {
    const [field = ""] = path.split(/[.[]/, 1);
    found[field] ??= path === field ? sentence(message) : sentence(`${value} ${message}`);
  }
  return found;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
