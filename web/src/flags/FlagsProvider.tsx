import { OpenFeature, OpenFeatureProvider } from "@openfeature/react-sdk";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { clientStateQuery } from "../api/queries";
import type { FirstEvaluation } from "./first-evaluation";
import { FlagChain } from "./flag-chain";
import { ofrepProvider } from "./ofrep";

let chain: FlagChain | undefined;

/** Starts with what the page was served with, or asks for the flags; to be called once, before the page is drawn. */
export async function startFlags(first: FirstEvaluation | null): Promise<void> {
  chain = new FlagChain(ofrepProvider, first);
  await OpenFeature.setProviderAndWait(chain);
}

/** Gives the pages below OpenFeature's flags, and keeps them as the server has them. */
export function FlagsProvider({ children }: { children: ReactNode }) {
  const { data, isError } = useQuery(clientStateQuery);
  useEffect(() => {
    if (data) void chain?.learn(data);
    else if (isError) void chain?.learn(null);
  }, [data, isError]);
  return <OpenFeatureProvider>{children}</OpenFeatureProvider>;
}
