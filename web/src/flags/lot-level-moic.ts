import { useQuery } from "@tanstack/react-query";
import { clientStateQuery } from "../api/queries";
import { FEATURE } from "./overrides";

export interface LotLevelMoic {
  /** False until the server has said whether it is on, so that nothing is asked for twice. */
  readonly isKnown: boolean;
  readonly isOn: boolean;
}

/** Whether lot-level MOIC is on for the one who looks; follows a kill or a restore by itself. */
export function useLotLevelMoic(): LotLevelMoic {
  const state = useQuery(clientStateQuery);
  return {
    isKnown: !state.isPending,
    // A server that does not say is asked all the same: its guard decides.
    isOn: state.data?.flags?.[FEATURE]?.enabled ?? state.isError,
  };
}
