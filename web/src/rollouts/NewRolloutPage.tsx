import { Button } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import card from "../shell/card.module.css";
import classes from "./NewRolloutPage.module.css";
import { PolicyField } from "./PolicyField";
import { PolicyPreview } from "./PolicyPreview";
import { rolloutsQuery } from "./queries";
import { SendingFailure } from "./SendingFailure";
import { EMPTY_DRAFT, missingOf, type RolloutDraft, useStart } from "./start";
import type { Rollout } from "./wire";
import { instantText } from "./words";

const DRAFT_KEY = "lotwise.rollout.draft";

/** Starts a rollout by the server's default policy or by one's own, and shows what the server finds wrong with it. */
export function NewRolloutPage() {
  const navigate = useNavigate();
  const rollouts = useInfiniteQuery(rolloutsQuery(undefined));
  const earlier = rollouts.data?.pages.flatMap((page) => page.rollouts) ?? [];
  const [draft, setDraft, forget] = useSessionStorage<RolloutDraft>({
    key: DRAFT_KEY,
    defaultValue: EMPTY_DRAFT,
    getInitialValueInEffect: false,
  });
  const [missing, setMissing] = useState<string | null>(null);
  const start = useStart();
  function change(part: Partial<RolloutDraft>): void {
    setDraft((present) => ({ ...present, ...part }));
    setMissing(null);
    start.reset();
  }

  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const found = missingOf(draft);
    setMissing(found);
    if (found !== null) return;
    start.mutate(draft, {
      onSuccess: ({ id }) => {
        forget();
        void navigate({ to: "/rollouts/$rolloutId", params: { rolloutId: id } });
      },
    });
  }

  const problems = problemsOf(start.error);
  const baselineProblem = problems.find(({ path }) => path === "latencyBaseline");
  const policyProblems = problems.filter(({ path }) => path !== "latencyBaseline");
  return (
    <>
      <title>Start a rollout · Lotwise</title>
      <nav aria-label="Where this is" className={classes.back}>
        <Link to="/rollouts">All rollouts</Link>
      </nav>
      <h1 className={classes.title}>Start a rollout</h1>
      <form className={`${card.card} ${classes.form}`} onSubmit={submit} noValidate>
        <fieldset className={classes.choice}>
          <legend>Policy</legend>
          <label>
            <input
              type="radio"
              name="policy"
              checked={!draft.isOwn}
              onChange={() => change({ isOwn: false })}
            />
            The server's default: the five phases of lot-level MOIC
          </label>
          <label>
            <input
              type="radio"
              name="policy"
              checked={draft.isOwn}
              onChange={() => change({ isOwn: true })}
            />
            One of my own
          </label>
        </fieldset>
        {draft.isOwn ? (
          <PolicyField
            policy={draft.policy}
            earlier={earlier}
            missing={missing}
            problems={policyProblems}
            onChange={(policy) => change({ policy })}
          />
        ) : (
          <PolicyProblemsOfDefault problems={policyProblems} />
        )}
        <BaselineField
          value={draft.baselineOf}
          earlier={earlier}
          problem={baselineProblem?.message ?? null}
          onChange={(baselineOf) => change({ baselineOf })}
        />
        <label className={classes.check}>
          <input
            type="checkbox"
            checked={draft.supersede}
            onChange={(event) => change({ supersede: event.currentTarget.checked })}
          />
          <span>
            Take over from a rollout of the flag that goes on
            <span className={classes.hint}>
              It ends with this one. Without this, the start is refused while there is one.
            </span>
          </span>
        </label>
        <SendingFailure error={problems.length === 0 ? start.error : null} />
        <div className={classes.actions}>
          <Button type="submit" color="teal" loading={start.isPending}>
            Start the rollout
          </Button>
          <span className={classes.hint}>It starts at once, or waits for what is missing.</span>
        </div>
      </form>
      <PolicyPreview draft={draft} />
    </>
  );
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

/** What the server found wrong with fields. */
function problemsOf(error: Error | null): readonly Problem[] {
  return error instanceof RequestFailed ? (error.problem.details ?? []) : [];
}

function PolicyProblemsOfDefault({ problems }: { problems: readonly Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul role="alert" className={classes.problems}>
      {problems.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path}</code> {message}
        </li>
      ))}
    </ul>
  );
}

interface BaselineProps {
  readonly value: string;
  readonly earlier: readonly Rollout[];
  readonly problem: string | null;
  readonly onChange: (rolloutId: string) => void;
}

/** How long the same work took in an earlier rollout, for triggers that compare with it. */
function BaselineField({ value, earlier, problem, onChange }: BaselineProps) {
  return (
    <div className={classes.field}>
      <label htmlFor="baseline">
        Latency to compare with{" "}
        <span className={classes.hint}>
          only for triggers that are slower than a recorded baseline
        </span>
      </label>
      <select
        id="baseline"
        value={value}
        aria-invalid={problem !== null}
        aria-describedby={problem === null ? undefined : "baseline-problem"}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        <option value="">None</option>
        {earlier.map(({ id, flag, policy, createdAt }) => (
          <option key={id} value={id}>
            {flag}, {policy}, {instantText(createdAt)}
          </option>
        ))}
      </select>
      {problem !== null && (
        <p id="baseline-problem" role="alert" className={classes.problem}>
          It {problem}
        </p>
      )}
    </div>
  );
}
