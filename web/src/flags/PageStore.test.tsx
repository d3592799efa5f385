import { OpenFeatureTestProvider } from "@openfeature/react-sdk";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { PageStore } from "./PageStore";

/** Two pages that show the same thing; how often it was fetched, after a walk from one to the other and back. */
async function fetchesOfAWalk(useFundStore: boolean): Promise<number> {
  let fetches = 0;
  function Page() {
    const { data } = useQuery({
      queryKey: ["funds"],
      queryFn: async () => {
        fetches += 1;
        return `fetched ${fetches}`;
      },
      staleTime: 60_000,
    });
    return <p>{data ?? "loading"}</p>;
  }
  const root = createRootRoute({
    component: () => (
      <PageStore>
        <Outlet />
      </PageStore>
    ),
  });
  const pages = ["/a", "/b"].map((path) =>
    createRoute({ getParentRoute: () => root, path, component: Page }),
  );
  const router = createRouter({
    routeTree: root.addChildren(pages),
    history: createMemoryHistory({ initialEntries: ["/a"] }),
  });
  const { unmount } = render(
    <OpenFeatureTestProvider flagValueMap={{ useFundStore }}>
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </OpenFeatureTestProvider>,
  );
  await screen.findByText(/^fetched/);
  for (const path of ["/b", "/a"]) {
    await router.navigate({ to: path as never });
    await screen.findByText(/^fetched/);
  }
  unmount();
  return fetches;
}

it("A3: all pages share what was fetched while useFundStore is on", async () => {
  expect(await fetchesOfAWalk(true)).toBe(1);
});

it("A3: each page fetches for itself while useFundStore is off", async () => {
  expect(await fetchesOfAWalk(false)).toBe(3);
});
