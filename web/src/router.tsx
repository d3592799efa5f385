import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { companySearch } from "./companies/company-search";
import { flagSearch, flagsSearch } from "./flag-admin/flags-search";
import { fundTableSearch } from "./fund-table/fund-table";
import { newInvestmentSearch } from "./investments/new-investment-search";
import { FirstFund } from "./pages/FirstFund";
import { FundPage } from "./pages/FundPage";
import { fundSearch } from "./pages/fund-search";
import { rankingSearch } from "./reserves/ranking-search";
import { rolloutSearch, rolloutsSearch } from "./rollouts/rollouts-search";
import { settingsSearch } from "./settings/settings-search";
import { AppLayout } from "./shell/AppLayout";
import { NotFound } from "./shell/NotFound";
import { PageFailure } from "./shell/PageFailure";
import { snapshotsSearch } from "./snapshots/snapshots-search";

const root = createRootRoute({ component: AppLayout, notFoundComponent: NotFound });

const index = createRoute({ getParentRoute: () => root, path: "/", component: FirstFund });

const fund = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId",
  validateSearch: fundSearch,
  component: FundPage,
});

// Everything but the portfolio is loaded when it is opened, so that the first load stays small.

const company = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/companies/$companyId",
  validateSearch: companySearch,
  component: lazyRouteComponent(() => import("./companies/CompanyPage"), "CompanyPage"),
});

const newInvestment = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/investments/new",
  validateSearch: newInvestmentSearch,
  component: lazyRouteComponent(
    () => import("./investments/NewInvestmentPage"),
    "NewInvestmentPage",
  ),
});

const reserves = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/reserves",
  validateSearch: rankingSearch,
  component: lazyRouteComponent(() => import("./reserves/ReservesPage"), "ReservesPage"),
});

const fundTable = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/analysis",
  validateSearch: fundTableSearch,
  component: lazyRouteComponent(() => import("./fund-table/FundTablePage"), "FundTablePage"),
});

const snapshots = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/snapshots",
  validateSearch: snapshotsSearch,
  component: lazyRouteComponent(() => import("./snapshots/SnapshotsPage"), "SnapshotsPage"),
});

const fundImport = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/import",
  component: lazyRouteComponent(() => import("./imports/ImportPage"), "ImportPage"),
});

const migration = createRoute({
  getParentRoute: () => root,
  path: "/funds/$fundId/migration",
  component: lazyRouteComponent(() => import("./migration/MigrationPage"), "MigrationPage"),
});

const flags = createRoute({
  getParentRoute: () => root,
  path: "/flags",
  validateSearch: flagsSearch,
  component: lazyRouteComponent(() => import("./flag-admin/FlagsPage"), "FlagsPage"),
});

const flag = createRoute({
  getParentRoute: () => root,
  path: "/flags/$key",
  validateSearch: flagSearch,
  component: lazyRouteComponent(() => import("./flag-admin/FlagPage"), "FlagPage"),
});

const rollouts = createRoute({
  getParentRoute: () => root,
  path: "/rollouts",
  validateSearch: rolloutsSearch,
  component: lazyRouteComponent(() => import("./rollouts/RolloutsPage"), "RolloutsPage"),
});

const newRollout = createRoute({
  getParentRoute: () => root,
  path: "/rollouts/new",
  component: lazyRouteComponent(() => import("./rollouts/NewRolloutPage"), "NewRolloutPage"),
});

const rollout = createRoute({
  getParentRoute: () => root,
  path: "/rollouts/$rolloutId",
  validateSearch: rolloutSearch,
  component: lazyRouteComponent(() => import("./rollouts/RolloutPage"), "RolloutPage"),
});

const health = createRoute({
  getParentRoute: () => root,
  path: "/health",
  component: lazyRouteComponent(() => import("./health/HealthPage"), "HealthPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import("./settings/SettingsPage"), "SettingsPage"),
});

const ROUTES = [
  index,
  fund,
  company,
  newInvestment,
  reserves,
  fundTable,
  snapshots,
  fundImport,
  migration,
  flags,
  flag,
  rollouts,
  newRollout,
  rollout,
  health,
  settings,
] as const;

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren(ROUTES),
    defaultPreload: "intent",
    defaultErrorComponent: ({ error, reset }) => (
      <PageFailure
        error={error instanceof Error ? error : new Error(String(error))}
        onRetry={reset}
      />
    ),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
