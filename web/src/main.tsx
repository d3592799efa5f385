import "@mantine/core/styles.layer.css";
import "@fontsource-variable/inter/wght.css";
import "./theme.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { followLoginLink, takeToken } from "./api/login-link";
import { clientStateQuery, createQueryClient } from "./api/queries";
import { startFlags } from "./flags/FlagsProvider";
import { type FirstEvaluation, firstEvaluation } from "./flags/first-evaluation";
import { followInvitation } from "./flags/invitation";
import { overrideHeader, readAddress } from "./flags/overrides";
import { createAppRouter } from "./router";
import { InvitationNotice } from "./shell/InvitationNotice";
import { SignIn } from "./shell/SignIn";
import { noteSignInFailure } from "./shell/sign-in-failure";
import { theme } from "./theme";

const colorSchemeManager = localStorageColorSchemeManager();

async function start(root: HTMLElement): Promise<void> {
  noteSignInFailure();
  const signsIn = takeToken(new URL(window.location.href)).token !== null;
  // Before the router reads the address: the token must be gone from it by then.
  const loginFailure = await followLoginLink();
  // After the sign-in: an invitation is redeemed by a person.
  const invitation = await followInvitation();
  readAddress(new URL(window.location.href));
  // Whoever just signed in, or was invited, may be another person by now than the page was served to.
  const first = signsIn || invitation !== null ? null : firstEvaluation();
  await startFlags(first);
  const queryClient = queryClientWith(first);
  const router = createAppRouter();
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={colorSchemeManager}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <QueryClientProvider client={queryClient}>
          <InvitationNotice outcome={invitation} />
          {loginFailure ? <SignIn failure={loginFailure} /> : <RouterProvider router={router} />}
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

/** The store of the pages, with what the server said as it served the page. */
function queryClientWith(first: FirstEvaluation | null): QueryClient {
  const queryClient = createQueryClient();
  // Whoever wishes something for themselves may be told otherwise, which only the server knows.
  if (first !== null && overrideHeader() === null) {
    queryClient.setQueryData(clientStateQuery.queryKey, first.clientState);
  }
  return queryClient;
}

const root = document.getElementById("root");
if (root) void start(root);
