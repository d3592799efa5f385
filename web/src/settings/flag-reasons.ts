/** Why a flag is as it is for a person, in words. */
const WORDS: Readonly<Record<string, string>> = {
  not_configured: "it is not set up here",
  killed_by_environment: "it is killed by the server's environment variable",
  killed: "it is killed for everyone",
  opted_out: "you left it",
  opted_in: "you entered it",
  disabled: "it is switched off",
  broken: "its rule is broken",
  targeting_key_missing: "the server does not know who you are",
  prerequisite_unmet: "a flag that it needs is off",
  targeted: "a rule names you",
  exposed: "you are among those it is released to",
  not_exposed: "you are not among those it is released to yet",
  default: "that is its default here",
};

export function flagReasonText(reason: string): string {
  return WORDS[reason] ?? reason;
}
