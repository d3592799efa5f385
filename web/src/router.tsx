import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { FirstFund } from "./pages/FirstFund";
import { FundPage } from "./pages/FundPage";
import { fundSearch } from "./pages/fund-search";
import { NotFound } from "./shell/NotFound";
import { PageFailure } from "./shell/PageFailure";

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => (
    <PageFailure
      error={error instanceof Error ? error : new Error(String(error))}
      onRetry={reset}
    />
  ),
});

const index = createRoute({ getParentRoute: () => root, path: "/", component: FirstFund });

const fund = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId",
  validateSearch: fundSearch,
  component: FundPage,
});

export function createAppRouter() {
  return createRouter({ routeTree: root.addChildren([index, fund]), defaultPreload: false });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
