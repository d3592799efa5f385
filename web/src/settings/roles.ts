/** A role that a token can have, and what it may do. */
interface Role {
  readonly name: string;
  readonly may: string;
}

/** From the least to the most. */
export const ROLES: readonly Role[] = [
  { name: "ofrep", may: "Evaluates flags through OFREP, nothing else" },
  { name: "viewer", may: "Reads" },
  { name: "analyst", may: "Reads; writes portfolio data, snapshots, imports" },
  { name: "approver", may: "As analyst; signs checks, gives second approvals" },
  { name: "operator", may: "As approver; kills and edits flags, runs rollouts" },
  { name: "admin", may: "As operator; administers tokens and people" },
];

/** What a role may do; nothing for one that the page does not know. */
export function whatRoleMay(name: string): string {
  return ROLES.find((role) => role.name === name)?.may ?? "";
}
