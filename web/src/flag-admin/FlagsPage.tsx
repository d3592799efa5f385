import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { sessionQuery, whyReadOnly } from "../api/session";
import { Empty } from "../shell/Empty";
import { Failure } from "../shell/Failure";
import { PageHeading } from "../shell/PageHeading";
import { FlagFilters } from "./FlagFilters";
import classes from "./FlagsPage.module.css";
import { FlagsTable } from "./FlagsTable";
import { filteredFlags } from "./flag-filter";
import type { FlagsSearch } from "./flags-search";
import form from "./form.module.css";
import { NewFlag } from "./NewFlag";
import { PendingChanges } from "./PendingChanges";
import { findingsQuery, flagsQuery } from "./queries";

const route = getRouteApi("/flags");

/** Every flag: how it stands, who answers for it, and what is remarkable about it. */
export function FlagsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const flags = useQuery(flagsQuery);
  const findings = useQuery(findingsQuery);
  const session = useQuery(sessionQuery).data;
  const readOnly = whyReadOnly(session);
  const shown = filteredFlags(flags.data ?? [], findings.data ?? [], search);

  function choose(change: (search: FlagsSearch) => FlagsSearch): void {
    void navigate({ search: change, replace: true, resetScroll: false });
  }

  const setCreating = (creating: boolean) =>
    choose(({ create: _, ...rest }) => (creating ? { ...rest, create: true } : rest));

  return (
    <>
      <title>Flags · Lotwise</title>
      <PageHeading title="Flags" facts={session && `${session.environment} environment`}>
        {session && readOnly === null && search.create === undefined && (
          <Button size="compact-sm" className={form.button ?? ""} onClick={() => setCreating(true)}>
            New flag
          </Button>
        )}
      </PageHeading>
      {readOnly !== null && <p className={classes.readOnly}>{readOnly}</p>}
      <PendingChanges />
      {search.create && session && readOnly === null && (
        <div className={classes.form}>
          <NewFlag waits={session.fourEyes} onClose={() => setCreating(false)} />
        </div>
      )}
      {flags.error ? (
        <Failure
          error={flags.error}
          title="The flags could not be loaded"
          onRetry={() => void flags.refetch()}
        />
      ) : flags.data === undefined ? (
        <Skeleton height={240} radius={10} aria-label="Loading" />
      ) : (
        <>
          <FlagFilters
            search={search}
            flags={flags.data}
            findings={findings.data ?? []}
            shown={shown.length}
            onChoose={choose}
          />
          {findings.error && (
            <Failure
              error={findings.error}
              title="What is remarkable about the flags could not be loaded"
              onRetry={() => void findings.refetch()}
            />
          )}
          {shown.length === 0 ? (
            <Empty title="No flag is like that">
              <button type="button" className={classes.link} onClick={() => choose(() => ({}))}>
                Show all flags
              </button>
            </Empty>
          ) : (
            <FlagsTable flags={shown} findings={findings.data ?? []} />
          )}
        </>
      )}
    </>
  );
}
