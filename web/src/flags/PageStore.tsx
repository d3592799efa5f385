import { useBooleanFlagValue } from "@openfeature/react-sdk";
import { QueryClientProvider } from "@tanstack/react-query";
import { useMatches } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { createQueryClient } from "../api/queries";

/** The store is shared unless somebody says otherwise. */
const UNTIL_KNOWN = true;

/**
 * With `useFundStore` on, all pages share one store of what was fetched. With it off each page has its own, empty when it
 * is opened: a plain fetch per page, and nothing more.
 */
export function PageStore({ children }: { children: ReactNode }) {
  const isShared = useBooleanFlagValue("useFundStore", UNTIL_KNOWN);
  // The page that is shown, which is still the old one while the next is loaded.
  const page = useMatches({ select: (matches) => matches.at(-1)?.pathname });
  return isShared ? children : <OwnStore key={page}>{children}</OwnStore>;
}

function OwnStore({ children }: { children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
