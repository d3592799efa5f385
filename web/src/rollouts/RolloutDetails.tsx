import { getRouteApi } from "@tanstack/react-router";
import { useId } from "react";
import card from "../shell/card.module.css";
import { ComparisonTable } from "./ComparisonTable";
import { DecisionLog } from "./DecisionLog";
import classes from "./Details.module.css";
import { History } from "./History";
import { PolicyText } from "./PolicyText";
import { DETAILS, type Detail } from "./rollouts-search";
import type { Rollout } from "./wire";

const route = getRouteApi("/rollouts/$rolloutId");

const LABELS: Record<Detail, string> = {
  decisions: "Decisions",
  comparison: "Comparison by phase",
  history: "History",
  policy: "Policy",
};

/** What one looks up after the first look: decisions, the comparison, the history, the policy. */
export function RolloutDetails({ rollout, nowMs }: { rollout: Rollout; nowMs: number }) {
  const shown = route.useSearch().show ?? "decisions";
  const navigate = route.useNavigate();
  const id = useId();

  function open(detail: Detail): void {
    void navigate({
      search: (rest) => ({ ...rest, show: detail }),
      replace: true,
      resetScroll: false,
    });
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = (DETAILS.indexOf(shown) + step + DETAILS.length) % DETAILS.length;
    const next = DETAILS[at];
    if (next === undefined) return;
    open(next);
    document.getElementById(`${id}-${next}`)?.focus();
  }

  return (
    <section className={card.card} aria-label="Details">
      <div role="tablist" aria-label="Details" className={classes.tabs} onKeyDown={onKeyDown}>
        {DETAILS.map((detail) => (
          <button
            key={detail}
            type="button"
            role="tab"
            id={`${id}-${detail}`}
            aria-selected={detail === shown}
            aria-controls={`${id}-panel`}
            tabIndex={detail === shown ? 0 : -1}
            className={classes.tab}
            onClick={() => open(detail)}
          >
            {LABELS[detail]}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {shown === "decisions" && <DecisionLog {...{ rollout, nowMs }} />}
        {shown === "comparison" && <ComparisonTable rollout={rollout} />}
        {shown === "history" && <History rollout={rollout} />}
        {shown === "policy" && <PolicyText rollout={rollout} />}
      </div>
    </section>
  );
}
