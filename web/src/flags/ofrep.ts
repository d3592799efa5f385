import type { RemoteProvider } from "./flag-chain";
import { overrideHeader } from "./overrides";

/**
 * Asks this server for its flags by OFREP, as the person whose session it is. News of changes come with the client's state
 * (`refetch.ts`), so that a tab holds one stream of events and not two.
 */
export async function ofrepProvider(): Promise<RemoteProvider> {
  const { OFREPWebProvider } = await import("@openfeature/ofrep-web-provider");
  return new OFREPWebProvider({
    baseUrl: window.location.origin,
    cacheMode: "disabled",
    changeDetection: "none",
    headersFactory: async () => {
      const override = overrideHeader();
      return override === null ? [] : [["X-Feature-Override", override]];
    },
  });
}
