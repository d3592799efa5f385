import { stageWords } from "./stage";
import type { AuditEntry } from "./wire";

const COMMANDS: Record<string, string> = {
  hold: "Asked to hold",
  resume: "Resumed",
  stepBack: "Asked to step back",
  rollBack: "Asked to roll back",
  trip: "Reported a trigger",
  abort: "Aborted",
};

const EVENTS: Record<string, string> = {
  validated: "Policy and flag found to be good",
  scheduled: "Written down for its start",
  started: "Started",
  clock: "Time has passed",
  inForce: "Every replica has the flag of the phase",
  restored: "The flag of before is written",
  verified: "Proven: every replica has the flag of before",
  killed: "The flag was killed",
  editedElsewhere: "Somebody else has edited the flag",
  superseded: "A newer rollout took its place",
  tick: "A tick of evidence",
  notVerified: "A replica contradicts",
};

/** What an entry of the audit log says was done. */
export function auditText({ action, details }: AuditEntry): string {
  if (action === "rollout.create") return "Wrote the rollout down";
  if (action === "rollout.approve") return `Agreed to the start: ${details.evidence ?? ""}`;
  const { event, decision } = details;
  const said = event === undefined ? action : eventText(event);
  return decision ? `${said}. ${decision.explanation}` : said;
}

/** Where the rollout stood after an entry. */
export function resultText({ details }: AuditEntry): string {
  return details.result === undefined ? "" : stageWords(details.result);
}

function eventText(event: string | Readonly<Record<string, unknown>>): string {
  if (typeof event === "string") return EVENTS[event] ?? event;
  const [kind, content] = Object.entries(event)[0] ?? ["", null];
  const fields = fieldsOf(content);
  switch (kind) {
    case "command": {
      const [command, said] = Object.entries(fields)[0] ?? ["", null];
      const { reason, trigger, to } = fieldsOf(said);
      const of = [trigger, to].filter((one) => typeof one === "string").map((one) => ` ${one}`);
      return `${COMMANDS[command] ?? command}${of.join("")}: ${String(reason ?? "")}`;
    }
    case "check":
      return `Signed ${String(fields.name)} of ${String(fields.phase)}, ${fields.passed ? "good" : "not good"}: ${String(fields.evidence)}`;
    case "notVerified":
      return `${EVENTS.notVerified}: ${String(fields.why ?? "")}`;
    default:
      return EVENTS[kind] ?? kind;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
