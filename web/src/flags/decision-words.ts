import type { ClientState } from "../api/wire";
import type { DecidedBy } from "./flag-chain";

type FlagOfCaller = ClientState["flags"][string];

/** Why a person has the feature, by the server's reason. */
const ON: Readonly<Record<string, string>> = {
  opted_in: "you opted in",
  targeted: "a rule of the flag names you",
  exposed: "the rollout has reached you",
  default: "on for everyone",
};

/** Why a person does not have it. */
const OFF: Readonly<Record<string, string>> = {
  not_configured: "lot-level is not set up on this server",
  killed_by_environment: "lot-level is switched off by this server's environment",
  killed: "lot-level is switched off for everyone",
  opted_out: "you left lot-level in this browser",
  disabled: "the flag of lot-level is disabled",
  broken: "the flag of lot-level has a definition that does not work",
  targeting_key_missing: "the server does not know who you are",
  prerequisite_unmet: "a flag that lot-level needs is off",
  targeted: "a rule of the flag leaves you out",
  not_exposed: "the rollout of lot-level has not reached you yet",
  default: "lot-level is off unless somebody is chosen",
};

/** Why the page shows the calculation that it shows. */
export function decisionWords(
  decidedBy: DecidedBy | undefined,
  isOn: boolean,
  server: FlagOfCaller | undefined,
): string {
  if (decidedBy === "setting") {
    return isOn ? "on by this deployment" : "lot-level is switched off by this deployment";
  }
  const words = isOn ? ON : OFF;
  if (decidedBy === "wish" && !isOn) return OFF.opted_out ?? "";
  const fallback = isOn ? "you asked for it" : "the server does not give you lot-level";
  // A server that says the opposite of what the page shows has changed its mind since.
  return server?.enabled === isOn ? (words[server.reason] ?? fallback) : fallback;
}
