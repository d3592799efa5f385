import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { clientStateQuery } from "../api/queries";
import type { LensReport } from "../lenses/report";
import classes from "./CalculationPill.module.css";
import { decisionWords } from "./decision-words";
import type { DecidedBy } from "./flag-chain";
import { FEATURE } from "./overrides";

interface Props {
  readonly isOn: boolean;
  readonly decidedBy: DecidedBy | undefined;
  /** The lenses that are shown; undefined for the simple MOIC. */
  readonly report: LensReport | undefined;
}

const HASH_CHARACTERS = 12;

/** Which calculation the page shows, and why this person sees that one. */
export function CalculationPill({ isOn, decidedBy, report }: Props) {
  const state = useQuery(clientStateQuery).data;
  const name = isOn ? "Lot-level MOIC" : "Simple MOIC";
  const why = decisionWords(decidedBy, isOn, state?.flags[FEATURE]);
  return (
    <Tooltip
      w={280}
      label={<Evidence report={report} environment={state?.environment} />}
      events={{ hover: true, focus: true, touch: true }}
    >
      <button type="button" className={classes.pill} data-on={isOn}>
        <strong>{name}</strong> · {why}
      </button>
    </Tooltip>
  );
}

function Evidence(props: { report: LensReport | undefined; environment: string | undefined }) {
  const { report, environment } = props;
  const facts = [
    environment && `Flag enableLotLevelMoic in ${environment}.`,
    report
      ? `Computed from the lots by engine ${report.engineVersion}, inputs ${shortHash(report.inputsHash)}.`
      : "Computed from ownership and the latest valuation, not from lots.",
  ];
  return facts.filter(Boolean).join(" ");
}

/** The hash's first characters, enough to compare two pages by eye. */
function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, "").slice(0, HASH_CHARACTERS);
}
