import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import FeedbackDialog, { type Said } from "./FeedbackDialog";

afterEach(() => vi.unstubAllGlobals());

function Widget() {
  const [said, setSaid] = useState<Said>({ useful: null, comment: "" });
  return (
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <FeedbackDialog said={said} onChange={setSaid} onClose={() => undefined} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

const saved = {
  id: "1",
  flag: "enableLotLevelMoic",
  useful: true,
  givenAt: "2026-01-01T00:00:00Z",
  givenBy: "person:1",
};

it("asks for a judgement before it sends anything, and keeps what was typed when the server refuses", async () => {
  const requests: Request[] = [];
  let refuse = true;
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    return refuse
      ? Response.json({ error: "overloaded", message: "Too busy." }, { status: 503 })
      : Response.json(saved, { status: 201 });
  });
  render(<Widget />);
  await userEvent.type(screen.getByLabelText("Why?"), "Lots at last");
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  expect(screen.getByRole("alert").textContent).toBe("Choose one of the two.");
  expect(requests).toHaveLength(0);

  await userEvent.click(screen.getByLabelText("Useful"));
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  expect((await screen.findByRole("alert")).textContent).toContain("What you wrote stays here");
  expect(screen.getByLabelText<HTMLTextAreaElement>("Why?").value).toBe("Lots at last");

  refuse = false;
  await userEvent.click(screen.getByRole("button", { name: "Send" }));
  expect(await screen.findByText(/Your feedback is recorded/)).toBeTruthy();
  const keys = requests.map((request) => request.headers.get("Idempotency-Key"));
  expect(keys[0]).toBe(keys[1]);
  expect(await requests[1]?.json()).toEqual({
    flag: "enableLotLevelMoic",
    useful: true,
    comment: "Lots at last",
  });
});
