import { Button } from "@mantine/core";
import { useState } from "react";
import { RequestFailed } from "../api/problem";
import card from "../shell/card.module.css";
import { TableRegion } from "../shell/TableRegion";
import classes from "./PolicyPreview.module.css";
import {
  ALL_SCENARIOS,
  findsFaults,
  needs,
  type Plan,
  type PreviewRequest,
  promises,
  SCENARIO_NAMES,
  type Simulation,
  scenarioText,
  secondsText,
  takes,
  unfinishedText,
  usePlan,
  useSimulation,
} from "./preview";
import { SendingFailure } from "./SendingFailure";
import { missingOf, type RolloutDraft } from "./start";
import { percent } from "./words";

const RPS_DEFAULT = "50";

/** What the policy would do, before it is started: planned by its formulas, or simulated a few hundred times. */
export function PolicyPreview({ draft }: { draft: RolloutDraft }) {
  const [rps, setRps] = useState(RPS_DEFAULT);
  const [scenario, setScenario] = useState(ALL_SCENARIOS);
  const plan = usePlan();
  const simulation = useSimulation();
  const request = { draft, requestsPerSecond: Number(rps) };
  const isRate = request.requestsPerSecond > 0;
  const isReady = isRate && missingOf(draft) === null;
  // What was asked of another policy says nothing of this one.
  const isOfThis = (asked: PreviewRequest | undefined) =>
    asked?.draft.isOwn === draft.isOwn && asked.draft.policy === draft.policy;
  const planned = isOfThis(plan.variables) ? plan : null;
  const simulated = isOfThis(simulation.variables) ? simulation : null;
  const error = planned?.error ?? simulated?.error ?? null;

  return (
    <section className={`${card.card} ${classes.preview}`} aria-label="Before it starts">
      <header className={card.header}>
        <h2 className={card.title}>Before it starts</h2>
        <span className={card.aside}>nothing is started by this</span>
      </header>
      <div className={classes.controls}>
        <label className={classes.rate}>
          Requests a second, both arms together
          <input
            type="number"
            min="0.1"
            step="any"
            value={rps}
            aria-invalid={!isRate}
            onChange={(event) => setRps(event.currentTarget.value)}
          />
        </label>
        <Button
          variant="default"
          size="sm"
          disabled={!isReady}
          loading={plan.isPending}
          onClick={() => plan.mutate(request)}
        >
          Plan
        </Button>
        <Button
          variant="default"
          size="sm"
          disabled={!isReady}
          loading={simulation.isPending}
          onClick={() => simulation.mutate({ ...request, scenario })}
        >
          Simulate
        </Button>
        <select
          aria-label="What is simulated"
          className={classes.scenario}
          value={scenario}
          onChange={(event) => setScenario(event.currentTarget.value)}
        >
          <option value={ALL_SCENARIOS}>everything that may happen</option>
          {SCENARIO_NAMES.map((name) => (
            <option key={name} value={name}>
              {scenarioText(name)}
            </option>
          ))}
        </select>
      </div>
      <SendingFailure error={error} />
      <PolicyProblems error={error} />
      <div role="status" className={classes.outcome}>
        {planned?.data && <PlanOutcome plan={planned.data} />}
        {simulated?.isPending && <p>Simulating; this takes a few seconds.</p>}
        {simulated?.data && <SimulationOutcome simulation={simulated.data} />}
      </div>
    </section>
  );
}

function PolicyProblems({ error }: { error: Error | null }) {
  const details = error instanceof RequestFailed ? (error.problem.details ?? []) : [];
  if (details.length === 0) return null;
  return (
    <ul className={classes.problems}>
      {details.map(({ path, message }) => (
        <li key={`${path} ${message}`}>
          <code>{path.replace(/^policy\./, "")}</code> {message}
        </li>
      ))}
    </ul>
  );
}

function PlanOutcome({ plan }: { plan: Plan }) {
  return (
    <>
      {promises(plan).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <TableRegion label={`The plan in ${plan.environment}`}>
        <thead>
          <tr>
            <th scope="col">Phase in {plan.environment}</th>
            <th scope="col">Takes</th>
            <th scope="col" data-number>
              Requests needed
            </th>
            <th scope="col" data-number>
              Finds a fault within
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.forecast.map((phase) => (
            <tr key={phase.phase}>
              <th scope="row">{phase.phase}</th>
              <td>{takes(phase)}</td>
              <td data-number>{needs(phase)}</td>
              <td data-number>{findsFaults(phase)}</td>
            </tr>
          ))}
        </tbody>
      </TableRegion>
    </>
  );
}

function SimulationOutcome({ simulation }: { simulation: Simulation }) {
  const unfinished = unfinishedText(simulation);
  return (
    <>
      {simulation.scenarios.length > 0 && (
        <TableRegion label={`Simulated in ${simulation.environment}`}>
          <thead>
            <tr>
              <th scope="col">If</th>
              <th scope="col" data-number>
                Rolled back
              </th>
              <th scope="col" data-number>
                Promoted
              </th>
              <th scope="col" data-number>
                Held
              </th>
              <th scope="col" data-number>
                Found in, median
              </th>
              <th scope="col" data-number>
                Completed in, median
              </th>
              <th scope="col" data-number>
                Runs
              </th>
            </tr>
          </thead>
          <tbody>
            {simulation.scenarios.map((found) => (
              <tr key={found.scenario}>
                <th scope="row">{scenarioText(found.scenario)}</th>
                <td data-number>{percent(found.rolledBack)}</td>
                <td data-number>{percent(found.promoted)}</td>
                <td data-number>{percent(found.held)}</td>
                <td data-number>{secondsText(found.medianDetectionSeconds)}</td>
                <td data-number>{secondsText(found.medianCompletionSeconds)}</td>
                <td data-number>{found.runs}</td>
              </tr>
            ))}
          </tbody>
        </TableRegion>
      )}
      {unfinished !== null && <p>{unfinished}</p>}
    </>
  );
}
