import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import card from "../shell/card.module.css";
import { useFaults } from "./commands";
import classes from "./FaultPanel.module.css";
import { faultsQuery } from "./queries";
import { SendingFailure } from "./SendingFailure";
import type { ArmFaults } from "./wire";
import { percent } from "./words";

const DELAY_MS_MAX = 10_000;

interface Props {
  /** Whether the rollout has not ended: faults outlive it, and then have to be taken out. */
  readonly goesOn: boolean;
}

/** A rehearsal: lets faults into the treatment on purpose. Only there where the server offers it, to whom it does. */
export function FaultPanel({ goesOn }: Props) {
  const faults = useQuery(faultsQuery);
  const change = useFaults();
  const [errorPercent, setErrorPercent] = useState("20");
  const [delayMs, setDelayMs] = useState("0");
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  if (!faults.data) return null;
  const treatment = faults.data.faults?.treatment ?? null;
  if (!goesOn && treatment === null) return null;

  function letIn(event: React.FormEvent): void {
    event.preventDefault();
    const found = problemOf(errorPercent, delayMs);
    setProblem(found);
    if (found !== null) return;
    change.mutate({
      errorRate: Number(errorPercent) / 100,
      delayMs: Number(delayMs),
      delaySigma: 0,
    });
  }

  return (
    <section className={`${card.card} ${classes.panel}`} aria-labelledby="faults">
      <header className={card.header}>
        <h2 id="faults" className={card.title}>
          Rehearsal: faults on purpose
        </h2>
        <span className={card.aside}>not in production</span>
      </header>
      <p className={classes.state} data-on={treatment !== null || undefined} role="status">
        {treatment === null ? "No faults are let in." : presentFault(treatment)}
      </p>
      <form className={classes.form} onSubmit={letIn} noValidate>
        <label htmlFor={`${id}-errors`}>
          Failing, %
          <input
            id={`${id}-errors`}
            inputMode="decimal"
            value={errorPercent}
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : `${id}-problem`}
            onChange={(event) => setErrorPercent(event.currentTarget.value)}
          />
        </label>
        <label htmlFor={`${id}-delay`}>
          Delay, ms
          <input
            id={`${id}-delay`}
            inputMode="numeric"
            value={delayMs}
            aria-invalid={problem !== null}
            aria-describedby={problem === null ? undefined : `${id}-problem`}
            onChange={(event) => setDelayMs(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" size="compact-sm" variant="default" loading={change.isPending}>
          Let into the treatment
        </Button>
        {treatment !== null && (
          <Button
            size="compact-sm"
            color="teal"
            loading={change.isPending}
            onClick={() => change.mutate(null)}
          >
            Take the faults away
          </Button>
        )}
      </form>
      {problem !== null && (
        <p id={`${id}-problem`} role="alert" className={classes.problem}>
          {problem}
        </p>
      )}
      <SendingFailure error={change.error} />
    </section>
  );
}

function presentFault({ errorRate, delayMs }: ArmFaults): string {
  const parts = [
    ...(errorRate > 0 ? [`${percent(errorRate)} of the treatment's requests fail`] : []),
    ...(delayMs > 0 ? [`they wait ${delayMs} ms`] : []),
  ];
  return parts.length === 0
    ? "Faults are let in, but not into the treatment."
    : `On purpose: ${parts.join(", and ")}.`;
}

function problemOf(errorPercent: string, delayMs: string): string | null {
  const isWithin = (text: string, most: number) =>
    text.trim() !== "" && Number(text) >= 0 && Number(text) <= most;
  if (!isWithin(errorPercent, 100)) return "The failing share is a number from 0 to 100.";
  if (!isWithin(delayMs, DELAY_MS_MAX)) return `The delay is a number from 0 to ${DELAY_MS_MAX}.`;
  if (Number(errorPercent) === 0 && Number(delayMs) === 0)
    return "Neither fails nor waits: nothing would be let in.";
  return null;
}
