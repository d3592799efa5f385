import { isCivilDate } from "../time/moment-search";
import type { NewToken } from "./wire";

/** How long a new token is good. */
export type Expiry = "30" | "90" | "365" | "date" | "never";

/** A new token as it stands in the form. */
export interface TokenFields {
  readonly name: string;
  readonly role: string;
  /** The id of a person; empty for a service. */
  readonly person: string;
  /** Funds it may see; null for all. */
  readonly funds: readonly number[] | null;
  readonly expiry: Expiry;
  /** A civil date, for an expiry on a date. */
  readonly date: string;
}

export const NO_TOKEN: TokenFields = {
  name: "",
  role: "viewer",
  person: "",
  funds: null,
  expiry: "90",
  date: "",
};

export const EXPIRIES: readonly { readonly value: Expiry; readonly label: string }[] = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
  { value: "date", label: "On a date" },
  { value: "never", label: "Never" },
];

/** A form's messages, by the names that the server has for its fields. */
export type TokenProblems = Readonly<Partial<Record<keyof NewToken, string>>>;

const NAME_LENGTH_MAX = 200;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What the form would send, or what is wrong with it. */
export function tokenOf(
  fields: TokenFields,
  now: Date,
): { readonly token: NewToken } | { readonly problems: TokenProblems } {
  const name = fields.name.trim();
  const expiresAt = expiryInstant(fields, now);
  const problems: TokenProblems = {
    ...(name === "" ? { name: "Say what it is for, such as the service that uses it." } : {}),
    ...(name.length > NAME_LENGTH_MAX ? { name: `At most ${NAME_LENGTH_MAX} characters.` } : {}),
    ...(fields.funds?.length === 0 ? { fundIds: "Choose a fund, or all of them." } : {}),
    ...(expiresAt === "invalid" ? { expiresAt: "Give a date after today." } : {}),
  };
  if (Object.keys(problems).length > 0) return { problems };
  return {
    token: {
      name,
      role: fields.role as NewToken["role"],
      ...(fields.person === "" ? {} : { personId: Number(fields.person) }),
      ...(fields.funds === null ? {} : { fundIds: [...fields.funds] }),
      ...(expiresAt === null ? {} : { expiresAt }),
    },
  };
}

/** Until when it is good: to the end of a chosen date, in UTC. */
function expiryInstant({ expiry, date }: TokenFields, now: Date): string | null | "invalid" {
  if (expiry === "never") return null;
  if (expiry !== "date") return new Date(now.getTime() + Number(expiry) * DAY_MS).toISOString();
  if (!isCivilDate(date) || date <= now.toISOString().slice(0, 10)) return "invalid";
  return `${date}T23:59:59Z`;
}

/** Whether what was kept of an earlier visit is such a form. */
export function isTokenFields(value: unknown): value is TokenFields {
  if (typeof value !== "object" || value === null) return false;
  const { name, role, person, funds, expiry, date } = value as Record<string, unknown>;
  return (
    [name, role, person, date].every((text) => typeof text === "string") &&
    (funds === null || (Array.isArray(funds) && funds.every(Number.isSafeInteger))) &&
    EXPIRIES.some((known) => known.value === expiry)
  );
}
