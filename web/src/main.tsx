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
import { createAppRouter } from "./router";
import { SignIn } from "./shell/SignIn";
import { theme } from "./theme";

const colorSchemeManager = localStorageColorSchemeManager();

async function start(root: HTMLElement): Promise<void> {
  // Before the router reads the address: the token must be gone from it by then.
  const loginFailure = await followLoginLink();
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
          {loginFailure ? <SignIn failure={loginFailure} /> : <RouterProvider router={router} />}
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root) void start(root);
