import { queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { Session } from "./wire";

/** Who is signed in, and in which role. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }): Promise<Session> => body(api.GET("/api/session", { signal })),
});

const ROLES = ["viewer", "analyst", "approver", "operator", "admin"];

/** Whether a role is at least another; each includes those before it. */
export function includesRole(session: Session | undefined, role: string): boolean {
  return session !== undefined && ROLES.indexOf(session.role) >= ROLES.indexOf(role);
}

/** Whether somebody may kill flags: that needs no sight of all funds. */
export function mayKill(session: Session | undefined): boolean {
  return includesRole(session, "operator");
}

/** Whether somebody may change flags, for everyone. */
export function mayChangeFlags(session: Session | undefined): boolean {
  return includesRole(session, "operator") && session?.fundIds == null;
}

/** What somebody would need in order to change flags, or what else everyone sees; null for one who may. */
export function whyReadOnly(session: Session | undefined, what = "flags"): string | null {
  if (session === undefined || mayChangeFlags(session)) return null;
  return includesRole(session, "operator")
    ? `Only somebody who sees all funds may change ${what}.`
    : `Changing ${what} needs the role operator; yours is ${session.role}.`;
}
