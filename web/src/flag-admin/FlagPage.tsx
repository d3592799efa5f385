import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { sessionQuery, whyReadOnly } from "../api/session";
import type { Session } from "../api/wire";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { EditFlag } from "./EditFlag";
import { FlagHeading } from "./FlagHeading";
import { FlagHistory } from "./FlagHistory";
import classes from "./FlagPage.module.css";
import { FLAG_TABS, type FlagTab } from "./flags-search";
import { Invitations } from "./Invitations";
import { PendingChanges } from "./PendingChanges";
import { flagQuery } from "./queries";
import { TryContext } from "./TryContext";
import type { Flag } from "./wire";

const route = getRouteApi("/flags/$key");

/** One flag: how it stands, its definition, what somebody gets of it, what was done to it, who is invited. */
export function FlagPage() {
  const { key } = route.useParams();
  const { tab = "definition" } = route.useSearch();
  const flag = useQuery(flagQuery(key));
  const session = useQuery(sessionQuery);
  const error = flag.error ?? session.error;
  return (
    <>
      <title>{`${key} · Flags · Lotwise`}</title>
      <p className={classes.way}>
        <Link to="/flags">Flags</Link>
      </p>
      {error ? (
        <Failure
          error={error}
          title="This flag could not be loaded"
          onRetry={() => {
            void flag.refetch();
            void session.refetch();
          }}
        />
      ) : !flag.data || !session.data ? (
        <Skeleton height={420} radius={10} aria-label="Loading" />
      ) : (
        <>
          <FlagHeading flag={flag.data} session={session.data} />
          <PendingChanges flagKey={key} />
          <nav aria-label="Parts of the flag" className={classes.tabs}>
            {FLAG_TABS.map((name) => (
              <Link
                key={name}
                to="/flags/$key"
                params={{ key }}
                search={name === "definition" ? {} : { tab: name }}
                replace
                resetScroll={false}
                className={classes.tab}
                activeOptions={{ exact: true, includeSearch: true }}
              >
                {WORDS[name]}
              </Link>
            ))}
          </nav>
          <Part key={key} tab={tab} flag={flag.data} session={session.data} />
        </>
      )}
    </>
  );
}

const WORDS: Readonly<Record<FlagTab, string>> = {
  definition: "Definition",
  try: "Try a context",
  history: "History",
  invitations: "Invitations",
};

function Part({ tab, flag, session }: { tab: FlagTab; flag: Flag; session: Session }) {
  const readOnly = whyReadOnly(session);
  switch (tab) {
    case "definition":
      return (
        <section className={card.card} aria-label="Definition of the flag">
          <EditFlag
            flag={flag}
            readOnly={
              readOnly ??
              (flag.archived
                ? "This flag is archived. Create it again to bring it back."
                : flag.source === "file"
                  ? "This flag comes from the watched file, and is changed there."
                  : null)
            }
            waits={session.fourEyes}
          />
        </section>
      );
    case "try":
      return (
        <section className={card.card} aria-label="Try a context">
          <TryContext flagKey={flag.key} suggestion={session.key} />
        </section>
      );
    case "history":
      return <FlagHistory flagKey={flag.key} />;
    case "invitations":
      return <Invitations flag={flag} readOnly={readOnly} />;
  }
}
