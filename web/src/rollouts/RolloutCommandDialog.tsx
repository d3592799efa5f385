import { type ReactNode, useId, useState } from "react";
import { CommandDialog } from "./CommandDialog";
import classes from "./CommandDialog.module.css";
import { type Command, useCommand } from "./commands";
import { ExpiryField, instantOf } from "./ExpiryField";
import { actionWords, isBeforeStart } from "./stage";
import type { Rollout } from "./wire";
import { users } from "./words";

/** What the buttons at the top of a rollout say. */
export type Spoken = Exclude<Command["kind"], "check">;

interface Props {
  readonly rollout: Rollout;
  readonly kind: Spoken;
  readonly onClose: () => void;
}

/** Asks for the reason of a command, and whatever else belongs to it, then sends it. */
export function RolloutCommandDialog({ rollout, kind, onClose }: Props) {
  const command = useCommand(rollout.id);
  const lower = phasesBelow(rollout);
  const [to, setTo] = useState(lower.at(-1)?.name ?? "");
  const [trigger, setTrigger] = useState("");
  const [expiry, setExpiry] = useState("");
  // The phase that was looked at: the page goes on while somebody writes.
  const [looked] = useState(isBeforeStart(rollout.stage) ? null : rollout.phase);
  const said = words(rollout, kind);
  const cameTrue = rollout.assessment.triggers.find(({ name }) => name === trigger);

  function confirm(text: string): void {
    command.mutate(commandOf(text), { onSuccess: onClose });
  }

  function commandOf(text: string): Command {
    switch (kind) {
      case "step-back":
        return { kind, reason: text, to };
      case "rollback":
        return { kind, reason: text, ...(trigger === "" ? {} : { trigger }) };
      case "approve":
        return {
          kind,
          evidence: text,
          ...(looked == null ? {} : { phase: looked }),
          ...instantOf(expiry),
        };
      default:
        return { kind, reason: text };
    }
  }

  return (
    <CommandDialog
      {...said}
      {...(cameTrue ? { confirm: `Report it: ${actionWords(cameTrue.action)}` } : {})}
      isDangerous={kind === "rollback" || kind === "abort"}
      isBusy={command.isPending}
      error={command.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      {kind === "step-back" && (
        <Choice label="Go back to" value={to} onChange={setTo}>
          {lower.map(({ name, percent }) => (
            <option key={name} value={name}>
              {name}, {users(percent)} of the users
            </option>
          ))}
        </Choice>
      )}
      {kind === "rollback" && <ManualTriggers {...{ rollout, trigger, setTrigger }} />}
      {kind === "approve" && !isBeforeStart(rollout.stage) && (
        <ExpiryField value={expiry} onChange={setExpiry} />
      )}
    </CommandDialog>
  );
}

function phasesBelow({ phases, phase }: Rollout) {
  const present = phases.findIndex(({ name }) => name === phase);
  return phases.slice(0, Math.max(0, present));
}

interface ManualTriggersProps {
  readonly rollout: Rollout;
  readonly trigger: string;
  readonly setTrigger: (name: string) => void;
}

/** The policy's own words for what people see; what follows is then the policy's, too. */
function ManualTriggers({ rollout, trigger, setTrigger }: ManualTriggersProps) {
  const manual = rollout.assessment.triggers.filter((one) => one.class === "manual");
  if (manual.length === 0) return null;
  return (
    <Choice label="What came true" value={trigger} onChange={setTrigger}>
      <option value="">No trigger of the policy: roll back</option>
      {manual.map(({ name, action }) => (
        <option key={name} value={name}>
          {name}: {actionWords(action)}
        </option>
      ))}
    </Choice>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}

function words({ flag, phase, stage, exposure, assessment }: Rollout, kind: Spoken) {
  const reason = "Reason";
  switch (kind) {
    case "rollback":
      return {
        title: `Roll back ${flag}`,
        explanation: `The flag goes back to what it was before, at once and on every replica; ${users(exposure)} of the users are let in now. Then it is proven that nobody is served the treatment.`,
        label: reason,
        confirm: "Roll back now",
      };
    case "hold":
      return {
        title: "Hold the rollout",
        explanation:
          "It stays where it is until somebody resumes it. Evidence goes on to be counted, and triggers still roll back.",
        label: reason,
        confirm: "Hold",
      };
    case "resume":
      return {
        title: "Resume the rollout",
        explanation: `It goes on where it was held. ${assessment.waitingFor}`,
        label: reason,
        confirm: "Resume",
      };
    case "step-back":
      return {
        title: "Step back to a lower phase",
        explanation: "Fewer users are let in, and the evidence of that phase begins anew.",
        label: reason,
        confirm: "Step back",
      };
    case "abort":
      return {
        title: "Abort the rollout",
        explanation: `Nothing watches the flag afterwards, and the flag stays as it is: ${users(exposure)} of the users are let in. To take the feature away, roll back instead.`,
        label: reason,
        confirm: "Abort and leave the flag",
      };
    case "approve":
      return {
        title: isBeforeStart(stage) ? "Agree to the start" : `Approve the phase ${phase}`,
        explanation: isBeforeStart(stage)
          ? "A second person's word starts it; it cannot be that of whoever asked for it."
          : "Signed with your name and the time.",
        label: "What it rests on",
        confirm: "Approve",
      };
  }
}
