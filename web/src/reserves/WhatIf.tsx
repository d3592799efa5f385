import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import control from "../shell/control.module.css";
import { Failure } from "../shell/Failure";
import { Section } from "../shell/Section";
import { PlanSlider } from "./PlanSlider";
import { whatIfQuery } from "./queries";
import type { Ranked, Ranking } from "./ranking";
import classes from "./WhatIf.module.css";
import { WhatIfTable } from "./WhatIfTable";
import {
  CHANGES_MAX,
  changesOf,
  EVERYBODY,
  excessText,
  FACTOR_PERCENT_MAX,
  moved,
  type SliderName,
  type WhatIf as WhatIfState,
} from "./what-if";

const route = getRouteApi("/funds/$fundId/reserves");
const NONE: WhatIfState = {};

/** Sliders over the plan: what the ranking would be. The server computes it; nothing is saved. */
export function WhatIf({ ranking, currency }: { ranking: Ranking; currency: string }) {
  const fundId = Number(route.useParams().fundId);
  const { asOf, whatIf = NONE } = route.useSearch();
  const navigate = route.useNavigate();
  const planned = ranking.companies.filter(({ reserves }) => reserves.length > 0);
  const canAll = planned.length <= CHANGES_MAX;
  const [target, setTarget] = useState(
    () => Object.keys(whatIf)[0] ?? (canAll ? EVERYBODY : (planned[0]?.id ?? EVERYBODY)),
  );
  const changes = changesOf(whatIf, ranking.companies);
  const excess = excessText(changes.length);
  const answer = useQuery(whatIfQuery(fundId, asOf, changes));
  const sliders = whatIf[target] ?? {};

  function put(next: WhatIfState): void {
    void navigate({
      search: ({ whatIf: _, ...rest }) =>
        Object.keys(next).length === 0 ? rest : { ...rest, whatIf: next },
      replace: true,
      resetScroll: false,
    });
  }
  function move(name: SliderName, percent: number | undefined): void {
    put(moved(whatIf, target, name, percent));
  }

  return (
    <Section title="What if" aside="move a slider and the server computes anew; nothing is saved">
      <div className={classes.panel}>
        <label className={control.control}>
          For
          <select value={target} onChange={(event) => setTarget(event.currentTarget.value)}>
            <option value={EVERYBODY} disabled={!canAll}>
              {canAll ? "All companies" : `All companies: more than ${CHANGES_MAX}, too many`}
            </option>
            {planned.map((company) => (
              <Targets key={company.id} company={company} />
            ))}
          </select>
        </label>
        <PlanSlider
          key={`${target}-amount`}
          label="Planned amounts"
          percentMax={FACTOR_PERCENT_MAX}
          moved={sliders.amount}
          onMove={(percent) => move("amount", percent)}
        />
        {target.includes("/") || (
          <PlanSlider
            key={`${target}-exit`}
            label="Exit prices"
            percentMax={FACTOR_PERCENT_MAX}
            moved={sliders.exit}
            onMove={(percent) => move("exit", percent)}
          />
        )}
        <PlanSlider
          key={`${target}-deploy`}
          label="Probability of deployment"
          percentMax={100}
          moved={sliders.deploy}
          onMove={(percent) => move("deploy", percent)}
        />
        <button
          type="button"
          className={classes.reset}
          disabled={changes.length === 0}
          onClick={() => put(NONE)}
        >
          Reset to the plan
        </button>
      </div>
      {excess !== null && (
        <p role="status" className={classes.note}>
          {excess}
        </p>
      )}
      {changes.length > 0 &&
        excess === null &&
        (answer.error ? (
          <Failure
            error={answer.error}
            title="What if could not be computed"
            onRetry={() => void answer.refetch()}
          />
        ) : answer.data ? (
          <WhatIfTable
            before={answer.data.before}
            after={answer.data.after}
            currency={currency}
            isComputing={answer.isPlaceholderData}
          />
        ) : (
          <Skeleton height={120} radius={10} aria-label="Computing" />
        ))}
    </Section>
  );
}

/** A company, and each of its planned reserves where it has several. */
function Targets({ company }: { company: Ranked }) {
  const { id, name, reserves } = company;
  return (
    <>
      <option value={id}>{name}</option>
      {reserves.length > 1 &&
        reserves.map((reserve) => (
          <option key={reserve} value={`${id}/${reserve}`}>
            {name} · {reserve}
          </option>
        ))}
    </>
  );
}
