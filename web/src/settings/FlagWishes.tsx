import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { clientStateQuery } from "../api/queries";
import { chooseWish, FEATURE, FLAGS, type FlagKey, type Wish, wishFor } from "../flags/overrides";
import card from "../shell/card.module.css";
import { Failure } from "../shell/Failure";
import { flagReasonText } from "./flag-reasons";
import classes from "./SettingsPage.module.css";
import type { FlagOfCaller } from "./wire";

const NAMES: Readonly<Record<FlagKey, { readonly name: string; readonly what: string }>> = {
  enableLotLevelMoic: {
    name: "Lot-level MOIC (beta)",
    what: "The seven lenses by lot, company and fund, beside the simple MOIC.",
  },
  useFundStore: {
    name: "Shared fund store",
    what: "Pages share what they load of a fund; without it each page loads its own.",
  },
};

const AS_RELEASED = "released";
const CHOICES = [
  { value: AS_RELEASED, label: "As released" },
  { value: "1", label: "Enter" },
  { value: "0", label: "Leave" },
];

/** Entering or leaving a feature, for oneself. */
export function FlagWishes() {
  const state = useQuery(clientStateQuery);
  return (
    <section className={card.card} aria-labelledby="features">
      <header className={card.header}>
        <h2 id="features" className={card.title}>
          Features
        </h2>
        <span className={card.aside}>for you, in this browser</span>
      </header>
      {state.error ? (
        <Failure
          error={state.error}
          title="Your features could not be loaded"
          onRetry={() => void state.refetch()}
        />
      ) : state.data ? (
        FLAGS.map((flag) => <FlagWish key={flag} flag={flag} decided={state.data.flags[flag]} />)
      ) : (
        <Skeleton height={180} radius={10} aria-label="Loading" />
      )}
    </section>
  );
}

interface Props {
  readonly flag: FlagKey;
  readonly decided: FlagOfCaller | undefined;
}

function FlagWish({ flag, decided }: Props) {
  const queryClient = useQueryClient();
  const [wish, setWish] = useState<Wish | null>(() => wishFor(flag));
  const [isKept, setIsKept] = useState(true);
  const { name, what } = NAMES[flag];

  function choose(value: string): void {
    const chosen = value === "0" || value === "1" ? value : null;
    setIsKept(chooseWish(flag, chosen));
    setWish(chosen);
    // Any answer may be another one for who has a feature.
    void queryClient.invalidateQueries();
  }

  return (
    <div className={classes.choice}>
      <h3 className={classes.name}>
        {name}
        <code>{flag}</code>
      </h3>
      <p className={classes.muted}>{what}</p>
      <SegmentedControl
        size="xs"
        aria-label={name}
        value={wish ?? AS_RELEASED}
        data={CHOICES}
        onChange={choose}
      />
      {decided && <output>{outcome(wish, decided)}</output>}
      {!isKept && (
        <p className={classes.warning}>
          This browser keeps nothing, so your choice ends when you leave the page.
        </p>
      )}
      {flag === FEATURE && wish === "0" && decided?.enabled === false && (
        <p className={classes.muted}>No data is lost: enter again whenever you like.</p>
      )}
    </div>
  );
}

function outcome(wish: Wish | null, { enabled, reason }: FlagOfCaller): string {
  const present = `${enabled ? "On" : "Off"} for you: ${flagReasonText(reason)}.`;
  const isGranted = wish === null || enabled === (wish === "1");
  return isGranted ? present : `${present} The server does not grant your choice now.`;
}
