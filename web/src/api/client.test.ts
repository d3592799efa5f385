import { afterEach, describe, expect, it, vi } from "vitest";
import { api, body } from "./client";
import { RequestFailed } from "./problem";

afterEach(() => vi.unstubAllGlobals());

function answering(response: () => Response | Promise<Response>): Promise<unknown> {
  vi.stubGlobal("fetch", async () => response());
  const path = { fundId: 1 };
  return body(api.GET("/api/funds/{fundId}/portfolio/lots/moic", { params: { path } }));
}

async function failureOf(response: () => Response | Promise<Response>): Promise<RequestFailed> {
  const failure = await answering(response).then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(failure instanceof RequestFailed)) throw new Error(`not a failed request: ${failure}`);
  return failure;
}

describe("an answer", () => {
  it("is its body", async () => {
    expect(await answering(() => Response.json({ asOf: "2022-12-31" }))).toEqual({
      asOf: "2022-12-31",
    });
  });

  it("of a closed route is told from a broken server", async () => {
    const off = await failureOf(() =>
      Response.json(
        {
          error: "feature_disabled",
          message: "The lot-level MOIC feature is currently disabled",
          feature: "enableLotLevelMoic",
        },
        { status: 503 },
      ),
    );
    expect(off.isFeatureDisabled).toBe(true);
    expect(off.isPassing).toBe(false);
    expect(off.message).toBe("The lot-level MOIC feature is currently disabled");

    const overloaded = await failureOf(() =>
      Response.json({ error: "overloaded", message: "Try again" }, { status: 503 }),
    );
    expect(overloaded.isFeatureDisabled).toBe(false);
    expect(overloaded.isPassing).toBe(true);
  });

  it("that fails names the request, from the body or else from the header", async () => {
    const withBody = await failureOf(() =>
      Response.json({ message: "no", correlationId: "in-body" }, { status: 500 }),
    );
    expect(withBody.requestId).toBe("in-body");
    const headers = { "X-Request-Id": "in-header" };
    const withHeader = await failureOf(() => new Response("<html>", { status: 502, headers }));
    expect(withHeader.requestId).toBe("in-header");
    expect(withHeader.message).toBe("The server answered 502.");
  });

  it("that never comes is an unreachable server", async () => {
    const lost = await failureOf(() => Promise.reject(new TypeError("Failed to fetch")));
    expect(lost.status).toBe(0);
    expect(lost.message).toContain("cannot be reached");
  });
});
