import { Button, Skeleton, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import { clientStateQuery } from "../api/queries";
import { sessionQuery, whyReadOnly } from "../api/session";
import { fieldProblems } from "../settings/field-problems";
import settings from "../settings/SettingsPage.module.css";
import { SubmissionFailure } from "../settings/SubmissionFailure";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import {
  type Announcement,
  type AnnouncementDraft,
  announce,
  announcementQuery,
  draftOf,
  NOTHING,
} from "./queries";

/** Tells everyone something, or nothing any more. */
export function AnnouncementForm() {
  const announcement = useQuery(announcementQuery);
  if (announcement.error) {
    return (
      <Failure
        error={announcement.error}
        title="The announcement could not be loaded"
        onRetry={() => void announcement.refetch()}
      />
    );
  }
  if (!announcement.data) return <Skeleton height={260} radius={10} aria-label="Loading" />;
  return <Form key={announcement.data.version} announced={announcement.data} />;
}

const FIELDS = ["text", "link", "linkLabel"];

function Form({ announced }: { announced: Announcement }) {
  const queryClient = useQueryClient();
  const readOnly = whyReadOnly(useQuery(sessionQuery).data, "announcements");
  const [draft, setDraft] = useState(() => draftOf(announced));
  const change = useMutation({
    mutationFn: (draft: AnnouncementDraft) => announce(announced.version, draft),
    onSuccess: (answer) => {
      queryClient.setQueryData(announcementQuery.queryKey, answer);
      void queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
    },
  });
  const problems = fieldProblems(change.error);
  const isStale = change.error instanceof RequestFailed && change.error.status === 409;

  function field(name: keyof AnnouncementDraft, label: string, description: string) {
    return (
      <TextInput
        label={label}
        description={description}
        autoComplete="off"
        value={draft[name]}
        error={problems[name]}
        disabled={readOnly !== null}
        className={name === "text" ? settings.whole : undefined}
        onChange={(event) => {
          setDraft({ ...draft, [name]: event.currentTarget.value });
          change.reset();
        }}
      />
    );
  }

  return (
    <section className={card.card} aria-labelledby="what-is-announced">
      <header className={card.header}>
        <h2 id="what-is-announced" className={card.title}>
          What everyone is told
        </h2>
        <span className={card.aside}>on every page, until its reader puts it away</span>
      </header>
      <form
        className={settings.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(draft);
        }}
      >
        {field("text", "Text", "One line for everyone who is signed in.")}
        {field("link", "Link", "An address with https://, or a path of ours such as /flags.")}
        {field("linkLabel", "What the link says", "Read more, unless said otherwise.")}
        {isStale ? (
          <p role="alert" className={`${settings.failure} ${settings.whole}`}>
            Somebody else has changed the announcement meanwhile.{" "}
            <button type="button" onClick={() => void queryClient.invalidateQueries()}>
              Show theirs
            </button>
          </p>
        ) : (
          <SubmissionFailure error={change.error} fields={FIELDS} />
        )}
        {readOnly === null ? (
          <div className={`${settings.actions} ${settings.whole}`}>
            <Button
              type="submit"
              size="sm"
              loading={change.isPending}
              disabled={draft.text.trim() === ""}
            >
              Announce
            </Button>
            {announced.text != null && (
              <Button
                size="sm"
                variant="default"
                disabled={change.isPending}
                onClick={() => change.mutate(NOTHING)}
              >
                Take it back
              </Button>
            )}
          </div>
        ) : (
          <p className={`${settings.muted} ${settings.whole}`}>{readOnly}</p>
        )}
        <output className={settings.whole}>{standing(announced)}</output>
      </form>
    </section>
  );
}

function standing({ text, version, updatedBy }: Announcement): string {
  if (version === 0) return "Nothing was announced so far.";
  const what = text == null ? "Nothing is announced now" : "Everyone sees this announcement";
  return `${what}; last changed by ${updatedBy}.`;
}
