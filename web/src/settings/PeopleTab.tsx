import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Empty } from "../shell/Empty";
import table from "../shell/facts-table.module.css";
import { AccessDialog } from "./AccessDialog";
import { NewPersonForm } from "./NewPersonForm";
import { peopleQuery, tokensQuery } from "./queries";
import { Refused } from "./Refused";
import classes from "./SettingsPage.module.css";
import { formatInstant, rolesOf } from "./token-state";

/** People: list, enter, how they sign in. Their tokens have roles of their own. */
export function PeopleTab() {
  const [now] = useState(() => new Date());
  const [opened, setOpened] = useState<number | null>(null);
  const people = useQuery(peopleQuery);
  const tokens = useQuery(tokensQuery);
  if (people.error) {
    return <Refused error={people.error} what="people" onRetry={() => void people.refetch()} />;
  }
  if (!people.data) return <Skeleton height={320} radius={10} aria-label="Loading people" />;
  const person = people.data.find(({ id }) => id === opened);
  return (
    <>
      <NewPersonForm />
      {people.data.length === 0 ? (
        <Empty title="Nobody yet">Enter the first person above.</Empty>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className={table.scroller} aria-label="People" tabIndex={0}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" data-text>
                  Key
                </th>
                <th scope="col" data-text>
                  Signs in as
                </th>
                <th scope="col" data-text>
                  Role
                </th>
                <th scope="col" data-text>
                  Roles of their tokens
                </th>
                <th scope="col">Entered, UTC</th>
                <th scope="col">
                  <span className={table.hidden}>Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {people.data.map(({ id, name, signInName, role, createdAt }) => (
                <tr key={id}>
                  <th scope="row">{name}</th>
                  <td data-text>
                    <code>person:{id}</code>
                  </td>
                  <td data-text>{signInName ?? "–"}</td>
                  <td data-text>{role ?? "–"}</td>
                  <td data-text>
                    {tokens.data && (rolesOf(id, tokens.data, now).join(", ") || "none")}
                  </td>
                  <td>{formatInstant(createdAt)}</td>
                  <td>
                    <div className={classes.cell}>
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`How ${name} signs in`}
                        onClick={() => setOpened(id)}
                      >
                        Sign-in
                      </Button>
                      <Link
                        to="/settings"
                        search={{ tab: "tokens", person: id }}
                        aria-label={`Create a token for ${name}`}
                      >
                        Create a token
                      </Link>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {person && <AccessDialog person={person} onClose={() => setOpened(null)} />}
    </>
  );
}
