import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followLoginLink, takeToken } from "./login-link";

describe("a login link", () => {
  beforeEach(() => window.history.replaceState(null, "", "/?token=once&by=sector#top"));
  afterEach(() => vi.unstubAllGlobals());

  it("loses its token and keeps the rest of the address", () => {
    const taken = takeToken(new URL("http://localhost/funds/3?token=abc&by=sector"));
    expect(taken).toEqual({ token: "abc", rest: "/funds/3?by=sector" });
  });

  it("is traded for a session, and the token is out of the address before the answer comes", async () => {
    const requests: Request[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      expect(window.location.search).toBe("?by=sector");
      requests.push(request);
      return Response.json({});
    });
    expect(await followLoginLink()).toBeNull();
    expect(requests).toHaveLength(1);
    expect(new URL(requests[0]?.url ?? "").pathname).toBe("/api/session");
    expect(await requests[0]?.json()).toEqual({ token: "once" });
  });

  it("that was used before says what the server said", async () => {
    const problem = { error: "unauthorized", message: "This link was used already." };
    vi.stubGlobal("fetch", async () => Response.json(problem, { status: 401 }));
    expect((await followLoginLink())?.message).toBe("This link was used already.");
    expect(window.location.search).not.toContain("token");
  });

  it("is not needed: without a token nothing is asked", async () => {
    window.history.replaceState(null, "", "/funds/1");
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    expect(await followLoginLink()).toBeNull();
    expect(fetch).not.toHaveBeenCalled();
  });
});
