import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { SignIn } from "./SignIn";

afterEach(() => vi.unstubAllGlobals());

function show(answers: (request: Request) => Response, failure: Error | null = null): void {
  vi.stubGlobal("fetch", async (request: Request) => answers(request));
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queryClient}>
        <SignIn failure={failure} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const NO_PROVIDER = { password: true, oidc: null };

it("says in words what the server refuses, and keeps what was typed", async () => {
  const sent: unknown[] = [];
  show((request) => {
    if (request.method === "GET") return Response.json(NO_PROVIDER);
    void request.json().then((body) => sent.push(body));
    const message = "too many attempts to sign in have failed; try again in 30 seconds";
    return Response.json({ error: "too_many_attempts", message }, { status: 429 });
  });
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Sign in" });
  expect(button.disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("Name"), "ada@example.com");
  await userEvent.type(screen.getByLabelText("Password"), "a wrong one");
  await userEvent.click(button);
  expect((await screen.findByRole("alert")).textContent).toBe(
    "Too many attempts to sign in have failed; try again in 30 seconds.",
  );
  expect(sent).toEqual([{ name: "ada@example.com", password: "a wrong one" }]);
  expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("a wrong one");
  expect(screen.queryByRole("link")).toBeNull();
});

it("leads to the provider where there is one", async () => {
  show(() =>
    Response.json({
      password: true,
      oidc: { label: "Example login", path: "/api/session/oidc" },
    }),
  );
  const link = await screen.findByRole("link", { name: "Continue with Example login" });
  expect(link.getAttribute("href")).toBe("/api/session/oidc");
});

it("says why a link did not work, and takes the token of another", () => {
  show(() => Response.json(NO_PROVIDER), new Error("it was used"));
  expect(screen.getByRole("alert").textContent).toBe("This link did not work: it was used");
  expect(screen.getByLabelText("Or paste the token of a new link")).toBeTruthy();
});
