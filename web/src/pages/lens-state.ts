import { useBooleanFlagDetails } from "@openfeature/react-sdk";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { RequestFailed } from "../api/problem";
import { lensesQuery, type Moment } from "../api/queries";
import type { DecidedBy } from "../flags/flag-chain";
import { FEATURE } from "../flags/overrides";
import type { LensReport } from "../lenses/report";

/** While nobody knows whether the feature is on, the place of the lenses is held, and none are asked for. */
const UNTIL_KNOWN = true;

/** The feature is off: nothing is wrong, and the simple MOIC is shown. */
export interface Off {
  readonly message: string;
  /** The person left it, and can come back. */
  readonly isOwnWish: boolean;
}

/** The lenses of a fund, or why the page shows none. */
export interface LensState {
  readonly query: UseQueryResult<LensReport>;
  readonly off: Off | null;
  /** Which link of the flag's chain decided; undefined while none has. */
  readonly decidedBy: DecidedBy | undefined;
}

/** Asks for the lenses while the feature is on. A server that says it is off has the last word. */
export function useLenses(fundId: number, moment: Moment): LensState {
  const { value: isOn, flagMetadata } = useBooleanFlagDetails(FEATURE, UNTIL_KNOWN);
  const decidedBy = flagMetadata.decidedBy as DecidedBy | undefined;
  const isKnown = decidedBy !== undefined;
  const query = useQuery({ ...lensesQuery(fundId, moment), enabled: isOn && isKnown });
  const isOwnWish = decidedBy === "wish" && !isOn;
  const message = isOn ? refusal(query.error) : wordsFor(flagMetadata.disabledMessage);
  return { query, off: message === null ? null : { message, isOwnWish }, decidedBy };
}

/** What the server says when it gives no lenses although the page asked; null when it did not say so. */
function refusal(error: Error | null): string | null {
  return error instanceof RequestFailed && error.isFeatureDisabled ? error.message : null;
}

/** The message of the flag's definition, which the server sends with its answer. */
function wordsFor(message: unknown): string {
  return typeof message === "string" ? message : "The lot-level MOIC feature is currently disabled";
}
