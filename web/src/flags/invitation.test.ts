import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followInvitation, takeInvitation } from "./invitation";

const LINK = "/?ff_enableLotLevelMoic=1&ff_invite=abc.def";

beforeEach(() => window.history.replaceState(null, "", `${LINK}&by=sector#top`));
afterEach(() => {
  vi.unstubAllGlobals();
  window.localStorage.clear();
  window.sessionStorage.clear();
});

/** Answers every request; the requests that came. */
function answering(response: () => Response): Request[] {
  const requests: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    requests.push(request);
    return response();
  });
  return requests;
}

describe("an invitation link", () => {
  it("loses its invitation and its wish, and keeps the rest of the address", () => {
    const taken = takeInvitation(new URL(`http://localhost${LINK}&by=sector#top`));
    expect(taken.invitation).toEqual({ flag: "enableLotLevelMoic", invite: "abc.def" });
    expect(taken.rest).toBe("/?by=sector#top");
  });

  it("is redeemed, leaves a stored 1 and a clean address", async () => {
    const requests = answering(() => Response.json({ first: true }));
    expect(await followInvitation()).toEqual({ kind: "accepted", first: true });
    expect(requests).toHaveLength(1);
    expect(new URL(requests[0]?.url ?? "").pathname).toBe(
      "/api/flags/enableLotLevelMoic/invitations/redeem",
    );
    expect(await requests[0]?.json()).toEqual({ invite: "abc.def" });
    expect(window.localStorage.getItem("ff_enableLotLevelMoic")).toBe("1");
    expect(window.location.search + window.location.hash).toBe("?by=sector#top");
  });

  it("that the server refuses says why and stores nothing", async () => {
    const message = "This invitation expired on 2026-02-01.";
    answering(() => Response.json({ error: "invitation_expired", message }, { status: 422 }));
    expect(await followInvitation()).toEqual({ kind: "refused", message });
    expect(window.localStorage.getItem("ff_enableLotLevelMoic")).toBeNull();
    expect(window.location.search).toBe("?by=sector");
  });

  it("waits for its reader to sign in, and is then redeemed without the link", async () => {
    answering(() => Response.json({ error: "unauthenticated" }, { status: 401 }));
    expect(await followInvitation()).toEqual({ kind: "waiting" });
    window.history.replaceState(null, "", "/");
    const requests = answering(() => Response.json({ first: false }));
    expect(await followInvitation()).toEqual({ kind: "accepted", first: false });
    expect(await requests[0]?.json()).toEqual({ invite: "abc.def" });
    expect(await followInvitation()).toBeNull();
    expect(requests).toHaveLength(1);
  });

  it("without its flag, or for one that the page does not know, is refused by name", async () => {
    const requests = answering(() => Response.json({ first: true }));
    for (const address of ["/?ff_invite=abc.def", "/?ff_unknownFlag=1&ff_invite=abc.def"]) {
      window.history.replaceState(null, "", address);
      expect((await followInvitation())?.kind).toBe("refused");
    }
    expect(requests).toHaveLength(0);
  });

  it("is not needed: without one nothing is asked", async () => {
    window.history.replaceState(null, "", "/funds/1?ff_enableLotLevelMoic=1");
    const requests = answering(() => Response.json({}));
    expect(await followInvitation()).toBeNull();
    expect(requests).toHaveLength(0);
    expect(window.location.search).toBe("?ff_enableLotLevelMoic=1");
  });
});
