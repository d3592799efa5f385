import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { clientStateQuery } from "../api/queries";

const EVENTS = "/ofrep/v1/events";

/**
 * Asks for the client's state anew whenever the server says that flags have changed (OFREP's `refetchEvaluation`), so that a
 * kill reaches an open page at once. Without events the state is asked for at its interval.
 */
export function useRefetchOfFlags(isSignedIn: boolean): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!isSignedIn) return;
    const events = new EventSource(EVENTS);
    function refetch(): void {
      void queryClient.invalidateQueries({ queryKey: clientStateQuery.queryKey });
    }
    events.addEventListener("message", refetch);
    return () => events.close();
  }, [isSignedIn, queryClient]);
}
