import { daysSince } from "../time/relative-time";
import type { Flag } from "./wire";

/** How a flag stands, in one word. */
export const FLAG_STATES = ["on", "partly", "off", "killed", "broken", "archived"] as const;
export type FlagState = (typeof FLAG_STATES)[number];

export function isFlagState(value: unknown): value is FlagState {
  return FLAG_STATES.some((state) => state === value);
}

/** Whether a flag has a rule that decides for some. */
export function hasTargeting({ definition: { targeting } }: Flag): boolean {
  return typeof targeting === "object" && targeting !== null && Object.keys(targeting).length > 0;
}

/** What the default variant of a flag stands for. */
function valueOfDefault({ definition: { variants }, defaultVariant }: Flag): unknown {
  if (defaultVariant == null || typeof variants !== "object" || variants === null) return null;
  return (variants as Record<string, unknown>)[defaultVariant] ?? null;
}

/** Whether the environment variable of the server that answered keeps a flag off; no restore lifts that. */
export function isOffByEnvironment({ environmentSwitch }: Flag): boolean {
  return environmentSwitch != null && environmentSwitch !== "on";
}

/** How a flag stands for people in general: `partly` when a rule or a percentage decides for some. */
export function flagState(flag: Flag): FlagState {
  if (flag.archived) return "archived";
  if (flag.killed || flag.reasonCode === "killed_by_environment") return "killed";
  if (flag.reasonCode === "PARSE_ERROR" || flag.reasonCode === "broken") return "broken";
  if (isOffByEnvironment(flag) || flag.state !== "ENABLED") return "off";
  return intendedState(flag);
}

/** How a flag stands by its definition alone. */
function intendedState(flag: Flag): FlagState {
  if (hasTargeting(flag)) return "partly";
  const value = valueOfDefault(flag);
  if (flag.exposure != null && value !== true) {
    if (flag.exposure === "100") return "on";
    if (flag.exposure !== "0") return "partly";
  }
  return value === false || value === null ? "off" : "on";
}

/** Who gets a flag now, in words. */
export function exposureText(flag: Flag): string {
  if (flag.killed) return "nobody until restored";
  if (isOffByEnvironment(flag)) return "nobody at this server";
  if (flag.state !== "ENABLED") return "disabled";
  const value = valueOfDefault(flag);
  const others =
    flag.exposure != null && value !== true
      ? `${flag.exposure} %`
      : value === true
        ? "everyone"
        : value === false || value === null
          ? "nobody"
          : `everyone: ${flag.defaultVariant}`;
  return hasTargeting(flag) ? `by rule, then ${others}` : others;
}

/** What comes of lifting a flag's kill, which changes nothing else: its definition decides again. */
export function afterRestore(flag: Flag): string {
  if (isOffByEnvironment(flag)) return "It stays off: the environment of the server keeps it off.";
  if (flag.state !== "ENABLED") return "It comes back off: its state is DISABLED.";
  const variant = flag.defaultVariant ?? "none";
  switch (intendedState(flag)) {
    case "on":
      return flag.exposure === "100" && valueOfDefault(flag) !== true
        ? "It comes back on for everyone: its exposure is 100 %."
        : `It comes back on for everyone: its default variant is ${variant}.`;
    case "partly":
      return hasTargeting(flag)
        ? `Its targeting rule decides again, then its ${flag.exposure == null ? `default variant, ${variant}` : `exposure of ${flag.exposure} %`}.`
        : `It comes back on for ${flag.exposure} % of the users.`;
    default:
      return `It comes back off: its default variant is ${variant}. To turn it on again, change the flag or start a rollout.`;
  }
}

/** Days a flag is to live; null where its definition does not say. */
export function expectedLifetimeDays({ definition: { metadata } }: Flag): number | null {
  if (typeof metadata !== "object" || metadata === null) return null;
  const days = (metadata as Record<string, unknown>).expectedLifetimeDays;
  return typeof days === "number" ? days : null;
}

/** A flag's age beside what it is to live: "12 of 90 d". */
export function ageText(flag: Flag, now: Date): string {
  const lifetime = expectedLifetimeDays(flag);
  if (flag.createdAt == null) return lifetime === null ? "built in" : `built in, ${lifetime} d`;
  const age = daysSince(flag.createdAt, now);
  return lifetime === null ? `${age} d` : `${age} of ${lifetime} d`;
}

/** A text of a flag's metadata; empty where there is none. */
export function metadataText({ definition: { metadata } }: Flag, key: string): string {
  if (typeof metadata !== "object" || metadata === null) return "";
  const value = (metadata as Record<string, unknown>)[key];
  return typeof value === "string" ? value : "";
}
