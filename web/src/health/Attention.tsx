import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { fundsQuery } from "../api/queries";
import card from "../shell/card.module.css";
import classes from "./Attention.module.css";
import type { Concern, Level, Place } from "./attention";
import { runbookPath } from "./runbooks";

const LEVELS: Record<Level, string> = { firing: "Firing", pending: "Pending", notice: "Notice" };

interface Props {
  readonly concerns: readonly Concern[];
  readonly isReady: boolean;
}

/** What needs somebody, the most urgent first, each with what to do; one calm line where nothing does. */
export function Attention({ concerns, isReady }: Props) {
  return (
    <section className={card.card} aria-labelledby="attention">
      <header className={card.header}>
        <h2 id="attention" className={card.title}>
          Needs attention
        </h2>
        <span className={card.aside}>{concerns.length > 0 && concerns.length}</span>
      </header>
      {concerns.length === 0 ? (
        <p className={classes.calm}>
          {isReady
            ? "Nothing. The service is ready, and no alert is firing or pending."
            : "Reading whether the service is ready…"}
        </p>
      ) : (
        <ul className={classes.list} aria-live="polite">
          {concerns.map(({ id, level, title, advice, place, runbook }) => (
            <li key={id} className={classes.concern} data-level={level}>
              <span className={classes.level}>{LEVELS[level]}</span>
              <span className={classes.what}>
                <strong>{title}</strong>
                <span>{advice}</span>
                {runbook && (
                  <span>
                    Runbook <code>{runbookPath(runbook)}</code>
                  </span>
                )}
              </span>
              {place && <PlaceLink place={place} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function PlaceLink({ place }: { place: Place }) {
  const [fund] = useQuery(fundsQuery).data ?? [];
  switch (place.page) {
    case "flag":
      return (
        <Link to="/flags/$key" params={{ key: place.key }}>
          Open the flag
        </Link>
      );
    case "rollouts":
      return <Link to="/rollouts">Open rollouts</Link>;
    case "snapshots":
      return fund ? (
        <Link to="/funds/$fundId/snapshots" params={{ fundId: String(fund.id) }}>
          Open snapshots
        </Link>
      ) : null;
  }
}
