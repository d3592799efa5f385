import "@mantine/core/styles.layer.css";
import "@fontsource-variable/inter/wght.css";
import "./theme.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { followLoginLink } from "./api/login-link";
import { createQueryClient } from "./api/queries";
import { startFlags } from "./flags/FlagsProvider";
import { followInvitation } from "./flags/invitation";
import { readAddress } from "./flags/overrides";
import { createAppRouter } from "./router";
import { InvitationNotice } from "./shell/InvitationNotice";
import { SignIn } from "./shell/SignIn";
import { theme } from "./theme";

const colorSchemeManager = localStorageColorSchemeManager();

async function start(root: HTMLElement): Promise<void> {
  // Before the router reads the address: the token must be gone from it by then.
  const loginFailure = await followLoginLink();
  // After the sign-in: an invitation is redeemed by a person.
  const invitation = await followInvitation();
  readAddress(new URL(window.location.href));
  await startFlags();
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
        <QueryClientProvider client={createQueryClient()}>
          <InvitationNotice outcome={invitation} />
          {loginFailure ? <SignIn failure={loginFailure} /> : <RouterProvider router={router} />}
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
