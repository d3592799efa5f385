import { useEffect, useId, useRef, useState } from "react";
import classes from "./WhatIf.module.css";
import { AS_PLANNED_PERCENT } from "./what-if";

/** How long a slider must rest before the server is asked, in milliseconds. */
const REST_MS = 200;
const STEP_PERCENT = 5;

interface Props {
  readonly label: string;
  readonly percentMax: number;
  /** Where it stands in the address; undefined as planned. */
  readonly moved: number | undefined;
  readonly onMove: (percent: number | undefined) => void;
}

/** A slider over one part of the plan. It follows the hand at once; where it rests is told once it does. */
export function PlanSlider({ label, percentMax, moved, onMove }: Props) {
  const id = useId();
  const [hand, setHand] = useState<number | null>(null);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const shown = hand ?? moved;

  function rest(percent: number | undefined): void {
    window.clearTimeout(timer.current);
    setHand(percent ?? null);
    timer.current = window.setTimeout(() => {
      onMove(percent);
      setHand(null);
    }, REST_MS);
  }

  const words = shown === undefined ? "as planned" : `${shown} %`;
  return (
    <div className={classes.slider}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={percentMax}
        step={STEP_PERCENT}
        value={shown ?? AS_PLANNED_PERCENT}
        aria-valuetext={words}
        onChange={(event) => rest(Number(event.currentTarget.value))}
      />
      <output htmlFor={id}>{words}</output>
      <button
        type="button"
        className={classes.undo}
        disabled={shown === undefined}
        aria-label={`${label} as planned`}
        onClick={() => {
          window.clearTimeout(timer.current);
          setHand(null);
          onMove(undefined);
        }}
      >
        Undo
      </button>
    </div>
  );
}
