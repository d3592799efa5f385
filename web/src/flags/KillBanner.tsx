import { useQuery } from "@tanstack/react-query";
import { clientStateQuery } from "../api/queries";
import { Banner } from "../shell/Banner";
import { FEATURE } from "./overrides";

/** On every page while the feature is killed for everyone. */
export function KillBanner() {
  const state = useQuery(clientStateQuery).data?.flags?.[FEATURE];
  if (!state?.killed) return null;
  return (
    <Banner title="Lot-level MOIC temporarily unavailable">
      The simple MOIC is shown meanwhile. No data is lost.
    </Banner>
  );
}
