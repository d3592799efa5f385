import { ProviderEvents, useOpenFeatureClient } from "@openfeature/react-sdk";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { FEATURE } from "./overrides";

/**
 * When the server changes its mind, what it answered before is asked for anew: a refusal as well as lenses. On every page, since
 * lenses are remembered for a while.
 */
export function LensRefetch(): null {
  const queryClient = useQueryClient();
  const client = useOpenFeatureClient();
  useEffect(() => {
    const served = () => client.getBooleanDetails(FEATURE, true).flagMetadata.served;
    let before = served();
    function compare(): void {
      const now = served();
      if (now === before || now === undefined) return;
      before = now;
      void queryClient.invalidateQueries({
        predicate: ({ queryKey, state }) => {
          const failed = state.status === "error";
          return queryKey[2] === "lenses" && failed === now;
        },
      });
    }
    client.addHandler(ProviderEvents.ConfigurationChanged, compare);
    return () => client.removeHandler(ProviderEvents.ConfigurationChanged, compare);
  }, [client, queryClient]);
  return null;
}
