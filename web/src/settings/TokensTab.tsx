import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { fundsQuery } from "../api/queries";
import { Empty } from "../shell/Empty";
import { NewTokenForm } from "./NewTokenForm";
import { peopleQuery, tokensQuery } from "./queries";
import { Refused } from "./Refused";
import classes from "./SettingsPage.module.css";
import { TokenTable } from "./TokenTable";
import { tokenState } from "./token-state";

const route = getRouteApi("/settings");

/** Tokens of people and services: list, create, revoke. */
export function TokensTab() {
  const { show, person } = route.useSearch();
  const navigate = route.useNavigate();
  const [now] = useState(() => new Date());
  const tokens = useQuery(tokensQuery);
  const people = useQuery(peopleQuery);
  const funds = useQuery(fundsQuery);
  if (tokens.error) {
    return <Refused error={tokens.error} what="tokens" onRetry={() => void tokens.refetch()} />;
  }
  if (!tokens.data) return <Skeleton height={320} radius={10} aria-label="Loading tokens" />;
  const shown = tokens.data.filter((token) => show === "all" || tokenState(token, now) === "good");
  return (
    <>
      <NewTokenForm
        key={person}
        people={people.data ?? []}
        funds={funds.data ?? []}
        forPerson={person}
      />
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          aria-label="Tokens shown"
          value={show ?? "good"}
          data={[
            { value: "good", label: "In force" },
            { value: "all", label: "All" },
          ]}
          onChange={(value) =>
            void navigate({
              search: ({ show: _, ...rest }) =>
                value === "all" ? { ...rest, show: "all" as const } : rest,
              replace: true,
              resetScroll: false,
            })
          }
        />
        <span className={classes.count}>
          {shown.length} of {tokens.data.length}
        </span>
      </div>
      {shown.length === 0 ? (
        <Empty title="No token in force">Create one above for whoever calls the API.</Empty>
      ) : (
        <TokenTable tokens={shown} people={people.data ?? []} funds={funds.data ?? []} now={now} />
      )}
    </>
  );
}
