import { Button } from "@mantine/core";
import { useState } from "react";
import card from "../shell/card.module.css";
import { relativeTime } from "../time/relative-time";
import { CommandDialog } from "./CommandDialog";
import dialog from "./CommandDialog.module.css";
import { useCommand } from "./commands";
import evidence from "./EvidencePanel.module.css";
import { ExpiryField, instantOf } from "./ExpiryField";
import { useActorName } from "./people";
import { isEnd } from "./stage";
import type { Check, Rollout } from "./wire";
import { instantText } from "./words";

interface Props {
  readonly rollout: Rollout;
  readonly nowMs: number;
}

/** Statements that people sign. A missing one holds the rollout at the phase's end, and never blocks a rollback. */
export function ChecksPanel({ rollout, nowMs }: Props) {
  const [signed, setSigned] = useState<string | null>(null);
  const nameOf = useActorName();
  const { checks } = rollout.assessment;
  return (
    <section className={card.card} aria-labelledby="checks">
      <header className={card.header}>
        <h2 id="checks" className={card.title}>
          Checks to sign
        </h2>
        <span className={card.aside}>
          {checks.filter(({ isGood }) => isGood).length} of {checks.length} there
        </span>
      </header>
      {checks.length === 0 && <p className={evidence.none}>No check in this phase.</p>}
      <ul className={evidence.list}>
        {checks.map((check) => (
          <li key={check.name} className={evidence.entry}>
            <span className={evidence.line}>
              <strong>{check.name}</strong>
              {!isEnd(rollout.stage) && (
                <Button
                  size="compact-xs"
                  variant={check.isGood ? "default" : "light"}
                  aria-label={`Sign ${check.name}`}
                  onClick={() => setSigned(check.name)}
                >
                  {check.statement ? "Sign again" : "Sign"}
                </Button>
              )}
            </span>
            <p className={evidence.text}>{statementText(check, nameOf, nowMs)}</p>
          </li>
        ))}
      </ul>
      {signed !== null && (
        <SignDialog rollout={rollout} name={signed} onClose={() => setSigned(null)} />
      )}
    </section>
  );
}

function statementText({ statement }: Check, nameOf: (key: string) => string, nowMs: number) {
  if (!statement) return "Nobody has signed it.";
  const { passed, by, at, expiresAt, evidence: text } = statement;
  const limit = expiresAt === null ? "" : `, until ${instantText(expiresAt)}`;
  return `${passed ? "Good" : "Not good"}, says ${nameOf(by)} ${relativeTime(at, nowMs)}${limit}: ${text}`;
}

interface SignProps {
  readonly rollout: Rollout;
  readonly name: string;
  readonly onClose: () => void;
}

function SignDialog({ rollout, name, onClose }: SignProps) {
  const command = useCommand(rollout.id);
  const [passed, setPassed] = useState(true);
  const [expiry, setExpiry] = useState("");
  return (
    <CommandDialog
      title={`Sign ${name}`}
      explanation={`A statement about the phase ${rollout.phase ?? ""}, with your name and the time.`}
      label="What it rests on"
      confirm="Sign"
      isBusy={command.isPending}
      error={command.error}
      onClose={onClose}
      onConfirm={(text) =>
        command.mutate(
          { kind: "check", name, passed, evidence: text, ...instantOf(expiry) },
          { onSuccess: onClose },
        )
      }
    >
      <fieldset className={dialog.choice}>
        <legend>It is</legend>
        {[true, false].map((choice) => (
          <label key={String(choice)}>
            <input
              type="radio"
              name="passed"
              checked={passed === choice}
              onChange={() => setPassed(choice)}
            />
            {choice ? "good" : "not good"}
          </label>
        ))}
      </fieldset>
      <ExpiryField value={expiry} onChange={setExpiry} />
    </CommandDialog>
  );
}
