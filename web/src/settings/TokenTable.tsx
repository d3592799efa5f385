import { Button } from "@mantine/core";
import { useState } from "react";
import type { Fund } from "../api/wire";
import table from "../shell/facts-table.module.css";
import { RevokeDialog } from "./RevokeDialog";
import classes from "./SettingsPage.module.css";
import { formatInstant, type TokenState, tokenState } from "./token-state";
import type { Person, Token } from "./wire";
import { fundNames } from "./YouTab";

const STATES: Record<TokenState, string> = {
  good: "in force",
  expired: "expired",
  revoked: "revoked",
};

interface Props {
  readonly tokens: readonly Token[];
  readonly people: readonly Person[];
  readonly funds: readonly Fund[];
  readonly now: Date;
}

/** Tokens without their secrets; those in force can be revoked. */
export function TokenTable({ tokens, people, funds, now }: Props) {
  const [revoking, setRevoking] = useState<Token | null>(null);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={table.scroller} aria-label="Tokens" tabIndex={0}>
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" data-text>
                Role
              </th>
              <th scope="col" data-text>
                Belongs to
              </th>
              <th scope="col" data-text>
                Funds
              </th>
              <th scope="col">Created, UTC</th>
              <th scope="col">Expires, UTC</th>
              <th scope="col" data-text>
                State
              </th>
              <th scope="col">
                <span className={table.hidden}>Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.map((token) => {
              const state = tokenState(token, now);
              return (
                <tr key={token.id}>
                  <th scope="row">{token.name}</th>
                  <td data-text>{token.role}</td>
                  <td data-text>{ownerName(token, people)}</td>
                  <td data-text>{token.fundIds ? fundNames(token.fundIds, funds) : "All"}</td>
                  <td>{formatInstant(token.createdAt)}</td>
                  <td>{token.expiresAt ? formatInstant(token.expiresAt) : "never"}</td>
                  <td data-text className={classes.state} data-state={state}>
                    {STATES[state]}
                    {token.revokedAt && ` ${formatInstant(token.revokedAt)}`}
                  </td>
                  <td>
                    {state === "good" && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`Revoke ${token.name}`}
                        onClick={() => setRevoking(token)}
                      >
                        Revoke
                      </Button>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function ownerName({ personId }: Token, people: readonly Person[]): string {
  if (!personId) return "a service";
  return people.find(({ id }) => id === personId)?.name ?? `person:${personId}`;
}
