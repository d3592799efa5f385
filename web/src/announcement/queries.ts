import { queryOptions } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { components } from "../api/schema";

export type Announcement = components["schemas"]["Announcement"];

/** What is announced, and the version that a change is made to. */
export const announcementQuery = queryOptions({
  queryKey: ["announcement"],
  queryFn: ({ signal }): Promise<Announcement> => body(api.GET("/api/announcement", { signal })),
});

/** What a form announces; without a text, nothing. */
export interface AnnouncementDraft {
  readonly text: string;
  readonly link: string;
  readonly linkLabel: string;
}

export const NOTHING: AnnouncementDraft = { text: "", link: "", linkLabel: "" };

export function draftOf({ text, link, linkLabel }: Announcement): AnnouncementDraft {
  return { text: text ?? "", link: link ?? "", linkLabel: linkLabel ?? "" };
}

/** Announces a draft in place of what has this version. */
export function announce(version: number, draft: AnnouncementDraft): Promise<Announcement> {
  const given = Object.entries(draft).filter(([, value]) => value.trim() !== "");
  const sent = { version, ...Object.fromEntries(given) };
  return body(api.PUT("/api/announcement", { body: sent }));
}
