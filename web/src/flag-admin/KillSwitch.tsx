import { useQuery } from "@tanstack/react-query";
import { type ComponentType, useState } from "react";
import { clientStateQuery } from "../api/queries";
import { mayChangeFlags, mayKill, sessionQuery } from "../api/session";
import { FEATURE } from "../flags/overrides";
import type { KillDialogProps } from "./KillDialog";
import classes from "./KillSwitch.module.css";

/** Loaded when somebody reaches for the switch, so that the first load stays small. */
const loadDialog = () => import("./KillDialog");

/** The kill switch of lot-level MOIC, two clicks from every page; Restore while it is killed. Only for those who may. */
export function KillButton() {
  const killed = useQuery(clientStateQuery).data?.flags?.[FEATURE]?.killed;
  if (killed === undefined) return null;
  return <FlagSwitch flagKey={FEATURE} killed={killed} feature="lot-level MOIC" isNamed />;
}

interface Props {
  readonly flagKey: string;
  readonly killed: boolean;
  /** What the flag stands for, in the words of its users; its key unless given. */
  readonly feature?: string;
  /** Whether the button names it, where there is room. */
  readonly isNamed?: boolean;
}

/** The kill switch of a flag. Nothing for those who may not use it. */
export function FlagSwitch({ flagKey, killed, feature = flagKey, isNamed = false }: Props) {
  const session = useQuery(sessionQuery).data;
  // What the dialog was opened for: it stays that while the flag changes beneath it.
  const [asked, setAsked] = useState<"kill" | "restore" | null>(null);
  const [Dialog, setDialog] = useState<ComponentType<KillDialogProps> | null>(null);
  const [failed, setFailed] = useState(false);
  const act = killed ? "restore" : "kill";
  if (!(killed ? mayChangeFlags(session) : mayKill(session))) return null;

  function load(): void {
    loadDialog().then(
      (module) => {
        setDialog(() => module.KillDialog);
        setFailed(false);
      },
      () => setFailed(true),
    );
  }

  const label = killed ? "Restore" : "Kill";
  return (
    <>
      <button
        type="button"
        className={classes.switch}
        data-act={act}
        aria-label={`${label} ${feature}`}
        onPointerEnter={load}
        onFocus={load}
        onClick={() => {
          load();
          setAsked(act);
        }}
      >
        {label}
        {isNamed && <span className={classes.feature}> {feature}</span>}
      </button>
      {asked !== null && failed && Dialog === null && (
        <span role="alert" className={classes.failure}>
          This could not be opened: is the server there? <code>lotwise flags {act}</code> works too.
        </span>
      )}
      {asked !== null && Dialog !== null && (
        <Dialog flagKey={flagKey} act={asked} feature={feature} onClose={() => setAsked(null)} />
      )}
    </>
  );
}
