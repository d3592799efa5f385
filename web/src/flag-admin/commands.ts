import { api, body } from "../api/client";
import type { Flag, FlagChange, FlagExplanation, Invitation, JsonObject } from "./wire";

/** What came of an edit: the flag as it is now, or a change that waits for a second person. */
export type Edited =
  | { readonly kind: "done"; readonly flag: Flag }
  | { readonly kind: "waits"; readonly change: FlagChange };

function edited(answer: Flag | FlagChange): Edited {
  return "requestedBy" in answer
    ? { kind: "waits", change: answer }
    : { kind: "done", flag: answer };
}

/** The description calls it an object without members, because any are allowed. */
function sent(definition: JsonObject): Record<string, never> {
  return definition as Record<string, never>;
}

function commented(comment: string): { comment?: string } {
  return comment.trim() === "" ? {} : { comment: comment.trim() };
}

export interface Creation {
  readonly key: string;
  readonly definition: JsonObject;
  readonly comment: string;
}

/** Creates a flag. Repeating it with the same idempotency key creates it once. */
export async function createFlag(creation: Creation, idempotencyKey: string): Promise<Edited> {
  const { key, definition, comment } = creation;
  const params = { header: { "Idempotency-Key": idempotencyKey } };
  const content = { key, definition: sent(definition), ...commented(comment) };
  return edited(await body(api.POST("/api/flags", { params, body: content })));
}

export interface Change {
  readonly key: string;
  /** The version that the change was made to. */
  readonly version: number;
  readonly definition: JsonObject;
  readonly comment: string;
}

export async function changeFlag({ key, version, definition, comment }: Change): Promise<Edited> {
  const params = { path: { key } };
  const content = { version, definition: sent(definition), ...commented(comment) };
  return edited(await body(api.PUT("/api/flags/{key}", { params, body: content })));
}

export async function archiveFlag(key: string, version: number): Promise<Edited> {
  const params = { path: { key }, header: { "If-Match": `"${version}"` } };
  return edited(await body(api.DELETE("/api/flags/{key}", { params })));
}

/** Off for everyone. A kill never waits for a second person. */
export function killFlag(key: string, reason: string): Promise<Flag> {
  const params = { path: { key } };
  return body(api.POST("/api/flags/{key}/kill", { params, body: { reason } }));
}

/** Takes a kill back. */
export async function restoreFlag(key: string, reason: string): Promise<Edited> {
  const params = { path: { key } };
  return edited(await body(api.POST("/api/flags/{key}/restore", { params, body: { reason } })));
}

/** Why somebody gets what they get; `wish` is what they want for themselves. */
export function explainFlag(
  key: string,
  context: JsonObject,
  wish: 0 | 1 | null,
): Promise<FlagExplanation> {
  const params = { path: { key } };
  const content = { context: sent(context), ...(wish === null ? {} : { override: wish }) };
  return body(api.POST("/api/flags/{key}/explain", { params, body: content }));
}

export interface NewInvitation {
  readonly expiresAt: string;
  readonly maxUses: number;
}

export function createInvitation(
  key: string,
  invitation: NewInvitation,
  idempotencyKey: string,
): Promise<Invitation> {
  const params = { path: { key }, header: { "Idempotency-Key": idempotencyKey } };
  return body(api.POST("/api/flags/{key}/invitations", { params, body: invitation }));
}

export function revokeInvitation(key: string, invitationId: string): Promise<Invitation> {
  const params = { path: { key, invitationId } };
  return body(api.DELETE("/api/flags/{key}/invitations/{invitationId}", { params }));
}

export async function approveChange(changeId: string): Promise<void> {
  const params = { path: { changeId } };
  await body(api.POST("/api/flag-changes/{changeId}/approve", { params }));
}

export async function rejectChange(changeId: string, reason: string): Promise<void> {
  const params = { path: { changeId } };
  await body(api.POST("/api/flag-changes/{changeId}/reject", { params, body: { reason } }));
}

export async function withdrawChange(changeId: string): Promise<void> {
  const params = { path: { changeId } };
  await body(api.POST("/api/flag-changes/{changeId}/withdraw", { params }));
}
