import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import classes from "./NewRolloutPage.module.css";
import { policyQuery } from "./queries";
import { SendingFailure } from "./SendingFailure";
import type { Rollout } from "./wire";
import { instantText } from "./words";

interface Props {
  readonly policy: string;
  readonly earlier: readonly Rollout[];
  readonly missing: string | null;
  readonly problems: readonly { readonly path: string; readonly message: string }[];
  readonly onChange: (policy: string) => void;
}

/** A policy as TOML, with what the server found wrong at its path. */
export function PolicyField({ policy, earlier, missing, problems, onChange }: Props) {
  const isWrong = missing !== null || problems.length > 0;
  return (
    <div className={classes.field}>
      <label htmlFor="policy">
        Policy, TOML{" "}
        <span className={classes.hint}>
          its reference is docs/reference/rollout-policy.md; <code>lotwise rollout policy</code>{" "}
          prints the default one
        </span>
      </label>
      <CopyOfEarlier earlier={earlier} onCopy={onChange} />
      <textarea
        id="policy"
        className={classes.policy}
        rows={24}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={policy}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? "policy-problems" : undefined}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {isWrong && (
        <ul id="policy-problems" role="alert" className={classes.problems}>
          {missing !== null && <li>{missing}</li>}
          {problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path.replace(/^policy\./, "")}</code> <span>{message}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface CopyProps {
  readonly earlier: readonly Rollout[];
  readonly onCopy: (policy: string) => void;
}

/** The policy of an earlier rollout as a beginning. */
function CopyOfEarlier({ earlier, onCopy }: CopyProps) {
  const queryClient = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  if (earlier.length === 0) return null;

  async function copy(rolloutId: string): Promise<void> {
    try {
      const { policy } = await queryClient.fetchQuery(policyQuery(rolloutId));
      setError(null);
      onCopy(policy);
    } catch (cause) {
      setError(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  return (
    <>
      <select
        aria-label="Begin with the policy of an earlier rollout"
        value=""
        onChange={(event) => void copy(event.currentTarget.value)}
      >
        <option value="" disabled>
          Begin with the policy of…
        </option>
        {earlier.map(({ id, flag, policy, createdAt }) => (
          <option key={id} value={id}>
            {policy} for {flag}, {instantText(createdAt)}
          </option>
        ))}
      </select>
      <SendingFailure error={error} />
    </>
  );
}
