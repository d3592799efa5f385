import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { clientStateQuery } from "../api/queries";
import { followEvents } from "./events";

const EVENTS = "/ofrep/v1/events";

/** What every query about flags begins with. */
export const FLAGS_KEY = ["flags"] as const;

/**
 * Asks for the client's state, and for whatever a page shows about flags, anew whenever the server says that flags have
 * changed (OFREP's `refetchEvaluation`), so that a kill reaches an open page at once. Without events the state is asked for
 * at its interval.
 */
export function useRefetchOfFlags(isSignedIn: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!isSignedIn) return;
    return followEvents(EVENTS, () => {
      void queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
      void queryClient.invalidateQueries({ queryKey: FLAGS_KEY });
    });
  }, [isSignedIn, queryClient]);
}
